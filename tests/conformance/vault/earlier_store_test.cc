// Rows of stores of earlier versions, migrated by this one.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/storage/database.h"
#include "common/storage/session.h"
#include "gtest/gtest.h"
#include "tests/testing/database_home.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/status_matchers.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using testing::IsOk;

// The schema before rows of recoveries said when they were handed out.
constexpr std::size_t kBeforeHandedOut = 6;
// The schema of keys before those of a shard stood together.
constexpr std::size_t kBeforeOrder = 4;

absl::Status InsertRecovery(storage::Session& session, std::uint8_t slot,
                            std::int64_t state, std::int64_t end) {
  return session
      .Execute(
          "INSERT INTO recovery (shard, owner, slot_id, number, state, "
          "start_time, open_time, close_time, end_time, cancels) "
          "VALUES ($1, $2, $3, 1, $4, 1, 2, 3, $5, 0)",
          {std::int64_t{0}, base::Bytes(base::kIdBytes, 1),
           base::Bytes(16, slot), state, end})
      .status();
}

absl::Status InsertOneOfEachState(storage::Session& session) {
  for (std::uint8_t state = 1; state <= 3; ++state) {
    const auto done = InsertRecovery(session, state, state, state * 10);
    if (!done.ok()) return done;
  }
  return absl::OkStatus();
}

void ExpectHandedOutIsKept(testing::DatabaseHome& home) {
  std::vector<storage::Migration> earlier = VaultStoreMigrations();
  earlier.resize(kBeforeHandedOut);
  {
    const auto database = home.Create(earlier);
    ASSERT_THAT(database, IsOk());
    ASSERT_THAT((*database)->Write(InsertOneOfEachState), IsOk());
  }
  const auto database = home.Open(VaultStoreMigrations());
  ASSERT_THAT(database, IsOk());
  base::ByteArray<base::kIdBytes> owner;
  owner.fill(1);
  const auto rows =
      NewSqlVaultStore(**database)->Recoveries({0, HolderId(owner)});
  ASSERT_THAT(rows, IsOk());
  ASSERT_EQ(rows->size(), 3);
  EXPECT_EQ((*rows)[0].handed_out_ms, 0);
  EXPECT_EQ((*rows)[1].handed_out_ms, 20);
  EXPECT_EQ((*rows)[2].handed_out_ms, 0);
}

TEST(EarlierVaultStore, WhatWasHandedOutIsKeptInAFile) {
  ExpectHandedOutIsKept(*testing::NewFileHome());
}

TEST(EarlierVaultStore, WhatWasHandedOutIsKeptOnAServer) {
  LIMPID_NEEDS_POSTGRES();
  ExpectHandedOutIsKept(*testing::NewServerHome());
}

SlotRow SlotOf(std::uint8_t number) {
  SlotRow row;
  base::ByteArray<base::kIdBytes> owner;
  // Sorts unlike the order it is made in.
  owner.fill(static_cast<std::uint8_t>(number * 37));
  row.owner = {static_cast<std::uint16_t>(number % 5), HolderId(owner)};
  row.custody = number % 2 == 0 ? Custody::kAssisted : Custody::kSealed;
  row.generation = number;
  row.slot_kind = number % 2 == 0 ? SlotKind::kServer : SlotKind::kDevice;
  row.slot_id.fill(number % 2);
  row.key_id.fill(number);
  row.epoch = 1 + number % 3;
  row.created_ms = 1'000 + number;
  row.outer = base::Bytes(number * 20, number);
  return row;
}

CopyKeyRow CopyKeyRowOf(const SlotRow& slot) {
  CopyKeyRow row;
  row.owner = slot.owner;
  row.record_key.fill(static_cast<std::uint8_t>(slot.generation));
  row.key_id = slot.key_id;
  row.epoch = slot.epoch;
  row.created_ms = slot.created_ms;
  row.outer = slot.outer;
  return row;
}

void InsertKeys(KeyStore& store) {
  for (std::uint8_t number = 1; number <= 60; ++number) {
    ASSERT_THAT(store.Insert(SlotOf(number)), IsOk());
    ASSERT_THAT(store.InsertCopyKey(CopyKeyRowOf(SlotOf(number))), IsOk());
  }
}

void ExpectKeysAreKept(testing::DatabaseHome& home) {
  std::vector<storage::Migration> earlier = KeyStoreMigrations();
  earlier.resize(kBeforeOrder);
  std::vector<EpochUse> uses;
  {
    const auto database = home.Create(earlier);
    ASSERT_THAT(database, IsOk());
    const auto store = NewSqlKeyStore(**database);
    InsertKeys(*store);
    uses = store->EpochUses().value();
    ASSERT_EQ(uses.size(), 3);
  }
  const auto database = home.Open(KeyStoreMigrations());
  ASSERT_THAT(database, IsOk());
  const auto store = NewSqlKeyStore(**database);
  EXPECT_EQ(store->EpochUses().value(), uses);
  for (std::uint8_t number = 1; number <= 60; ++number) {
    const SlotRow slot = SlotOf(number);
    EXPECT_EQ(store->List(slot.owner, slot.custody).value(),
              std::vector<SlotRow>{slot});
    EXPECT_EQ(
        store->FindCopyKey(slot.owner, CopyKeyRowOf(slot).record_key).value(),
        CopyKeyRowOf(slot));
    EXPECT_FALSE(store->Insert(slot).ok());
    EXPECT_FALSE(store->InsertCopyKey(CopyKeyRowOf(slot)).ok());
  }
}

TEST(EarlierKeyStore, KeysAreKeptInAFile) {
  ExpectKeysAreKept(*testing::NewFileHome());
}

TEST(EarlierKeyStore, KeysAreKeptOnAServer) {
  LIMPID_NEEDS_POSTGRES();
  ExpectKeysAreKept(*testing::NewServerHome());
}

}  // namespace
}  // namespace limpid::vault

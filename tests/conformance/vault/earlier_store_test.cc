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

}  // namespace
}  // namespace limpid::vault

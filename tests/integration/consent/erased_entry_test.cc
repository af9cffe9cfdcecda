// What becomes of an erased entry's bytes, and of the erasure when an older
// copy of a store comes back.

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/receipt/erasure.h"
#include "common/storage/database.h"
#include "consent/consent_state.h"
#include "consent/ledger/entry_row.h"
#include "consent/log/erasure_desk.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/e2e/sqlcipher_pages.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::Citizen;
using testing::World;

class ErasedEntry : public ::testing::Test {
 protected:
  void SetUp() override {
    const RecordId record = world_.Granted(ann_).revision.record;
    ASSERT_TRUE(testing::Released(world_.Read(record)));
  }

  AccessView Entry(std::uint64_t number) {
    const auto page = world_.consent().ListAccesses(ann_.id, {}, number + 1, 1);
    EXPECT_THAT(page, IsOk());
    return page.ok() && !page->entries.empty() ? page->entries[0]
                                               : AccessView{};
  }
  void Erase(std::uint64_t number) {
    receipt::ErasureRequest terms;
    const base::Bytes leaf = Entry(number).leaf;
    std::copy(leaf.begin() + 1, leaf.end(), terms.commitment.begin());
    terms.operator_name = "limpid.example";
    terms.person = ann_.id.Text();
    terms.sequence = number;
    terms.time = world_.clock().Now();
    ASSERT_THAT(ErasureDesk(world_.consent())
                    .Erase(ann_.id, receipt::SignErasure(terms, ann_.key)),
                IsOk());
  }
  RowKey KeyOf(std::uint64_t number) {
    return EntryRowKey(world_.consent().state().blinder.ShardOf(ann_.id),
                       ann_.id, number);
  }
  // Whether `bytes` stand in a decrypted page of the closed file, free pages
  // and slack included.
  bool Stands(const char* file, base::ByteView bytes) {
    base::SecretBytes key(storage::kRawKeyBytes);
    std::uint8_t next = 1;
    for (std::uint8_t& byte : key.RevealMutable(base::SecretAccess::Get())) {
      byte = next++;
    }
    const std::string text = base::ToText(bytes);
    const auto pages =
        limpid::testing::DecryptPages(stores_.directory() / file, key);
    EXPECT_FALSE(pages.empty());
    return std::any_of(pages.begin(), pages.end(),
                       [&](const std::string& page) {
                         return page.find(text) != std::string::npos;
                       });
  }
  // Closes the files, runs `look`, and starts again.
  template <typename Look>
  void AtRest(Look look) {
    world_.Stop();
    stores_.Close();
    look();
    stores_.Reopen();
    world_.Restart();
  }

  testing::SqlStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_F(ErasedEntry, NoByteOfItsContentOrKeyStaysInTheFiles) {
  const base::Bytes payload = (*stores_.ledger().Get(KeyOf(3)))->payload;
  // The end of the sealed content; names of attributes are inside it.
  const base::ByteView content = base::ByteView(payload).last(64);
  const base::Bytes wrap = (*stores_.keys().GetLogKey(ann_.id))->wrap;
  const base::ByteView key = base::ByteView(wrap).last(40);
  AtRest([&] {
    EXPECT_TRUE(Stands("store.db", content));
    EXPECT_TRUE(Stands("keys.db", key));
  });
  Erase(3);
  AtRest([&] {
    EXPECT_FALSE(Stands("store.db", content));
    EXPECT_FALSE(Stands("keys.db", key));
  });
  EXPECT_TRUE(Entry(3).erasure);
  EXPECT_FALSE(Entry(2).missing);
}

TEST_F(ErasedEntry, AnOlderStoreErasesItAgain) {
  world_.Stop();
  stores_.Backup();
  world_.Restart();
  Erase(3);
  world_.Stop();
  stores_.PutBack();
  ASSERT_THAT(world_.TryStart(), IsOk());
  // The request is lost with the newer store, and that shows.
  const AccessView entry = Entry(3);
  ASSERT_TRUE(entry.erasure);
  EXPECT_TRUE(entry.erasure->request.canonical_json.empty());
  EXPECT_TRUE(entry.entry.lines.empty());
  const auto told = Entry(entry.erasure->told_in);
  EXPECT_EQ(told.entry.kind, receipt::AccessKind::kEntryErased);
  EXPECT_EQ(told.entry.actor, receipt::Actor::kSystem);
  world_.Restart();
  EXPECT_EQ(Entry(3).erasure->told_in, entry.erasure->told_in);
}

// The entry that was erased is not in the older store: its number comes again.
TEST_F(ErasedEntry, ANumberThatComesAgainIsKeptWhole) {
  world_.Stop();
  stores_.Backup();
  world_.Restart();
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(testing::Released(world_.Read(record)));
  // Not the entry of the grant.
  Erase(6);
  world_.Stop();
  stores_.PutBack();
  ASSERT_THAT(world_.TryStart(), IsOk());
  // Restored and others.
  while (Entry(7).entry.sequence != 7) (void)world_.Granted(ann_);
  world_.Restart();
  for (std::uint64_t number = 1; number <= 7; ++number) {
    const AccessView entry = Entry(number);
    EXPECT_EQ(entry.entry.sequence, number);
    EXPECT_FALSE(entry.missing) << number;
    EXPECT_FALSE(entry.erasure) << number;
  }
}

// Neither store holds the entry that was erased; both take its number again.
TEST_F(ErasedEntry, ANumberThatComesAgainInBothStoresKeepsItsKey) {
  world_.Stop();
  stores_.Backup();
  stores_.BackupKeys();
  world_.Restart();
  const RecordId record = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(testing::Released(world_.Read(record)));
  Erase(6);
  world_.Stop();
  stores_.PutBack();
  stores_.PutBackKeys();
  ASSERT_THAT(world_.TryStart(), IsOk());
  while (Entry(7).entry.sequence != 7) (void)world_.Granted(ann_);
  for (int start = 0; start < 2; ++start) {
    world_.Restart();
    for (std::uint64_t number = 1; number <= 7; ++number) {
      const AccessView entry = Entry(number);
      EXPECT_EQ(entry.entry.sequence, number);
      EXPECT_FALSE(entry.missing) << number;
      EXPECT_FALSE(entry.erasure) << number;
    }
  }
}

// The store is older, and the stop ledger that would say so is lost with it:
// what it says is gone all the same, because its key is.
TEST_F(ErasedEntry, WithoutTheStopLedgerItStillDoesNotOpen) {
  world_.Stop();
  stores_.Backup();
  world_.Restart();
  Erase(3);
  world_.Stop();
  std::filesystem::remove(world_.stop_ledger_path());
  stores_.PutBack();
  ASSERT_THAT(world_.TryStart(), IsOk());
  const AccessView entry = Entry(3);
  EXPECT_TRUE(entry.missing);
  EXPECT_FALSE(entry.erasure);
  EXPECT_TRUE(entry.entry.lines.empty());
}

}  // namespace
}  // namespace limpid::consent

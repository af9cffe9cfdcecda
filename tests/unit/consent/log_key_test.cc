// The key of a person's log: what it keeps and what it loses.

#include "consent/ledger/log_key.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/ledger/entry_row.h"
#include "consent/ledger/memory_store.h"
#include "consent/ledger/sealing.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::IdOf;

base::Bytes Raw(const base::SecretBytes& secret) {
  return base::ToBytes(secret.Reveal(base::SecretAccess::Get()));
}

base::Bytes KeyOf(const LogKey& key, std::uint64_t number) {
  const auto found = key.KeyOf(number);
  return found.ok() ? Raw(*found) : base::Bytes();
}

TEST(LogKey, WorkedExampleOfTheFormatPage) {
  base::SecretBytes bytes(41);
  const auto raw = bytes.RevealMutable(base::SecretAccess::Get());
  std::fill(raw.begin() + 9, raw.end(), std::uint8_t{1});
  const auto key = LogKey::Decode(std::move(bytes));
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(base::HexEncode(KeyOf(*key, 7)),
            "1c7b377a9aeeb4ee38af2343340d3f5b31d7259e26747eeb894f3193afe30437");
  const auto left = key->Without(7, 9);
  ASSERT_THAT(left, IsOk());
  // 0 to 3, 4, 5, 6, 8, 9, and a fresh tree from 10 on.
  EXPECT_EQ(left->node_count(), 7U);
}

TEST(LogKey, LosesOneAndKeepsTheOthers) {
  const LogKey key = LogKey::Make();
  for (const std::uint64_t gone : {1U, 2U, 4U, 37U, 63U, 64U, 99U, 100U}) {
    const auto left = key.Without(gone, 100);
    ASSERT_THAT(left, IsOk());
    EXPECT_FALSE(left->Has(gone));
    EXPECT_THAT(left->KeyOf(gone), StatusIs(absl::StatusCode::kNotFound));
    for (std::uint64_t i = 0; i <= 100; ++i) {
      if (i == gone) continue;
      EXPECT_EQ(KeyOf(*left, i), KeyOf(key, i)) << i << " without " << gone;
    }
    // What comes later has keys that the old one never had.
    EXPECT_TRUE(left->Has(101));
    EXPECT_NE(KeyOf(*left, 101), KeyOf(key, 101));
  }
}

TEST(LogKey, ManyErasuresLeaveTheRestAndAreBounded) {
  LogKey key = LogKey::Make();
  std::map<std::uint64_t, base::Bytes> before;
  for (std::uint64_t i = 1; i <= 256; ++i) before[i] = KeyOf(key, i);
  for (std::uint64_t i = 2; i <= 256; i += 2) {
    auto left = key.Without(i, 256);
    ASSERT_THAT(left, IsOk());
    key = *std::move(left);
  }
  for (std::uint64_t i = 1; i <= 256; ++i) {
    EXPECT_EQ(KeyOf(key, i), i % 2 == 0 ? base::Bytes() : before[i]);
  }
  // Neighbours make it small again.
  for (std::uint64_t i = 1; i <= 256; i += 2) {
    key = *key.Without(i, 256);
  }
  EXPECT_EQ(key.node_count(), 2U);
  absl::Status status;
  LogKey far = LogKey::Make();
  for (std::uint64_t i = 1; i < 1'000 && status.ok(); ++i) {
    auto left = far.Without(i * 1'000'003, 2'000'000'000);
    status = left.status();
    if (left.ok()) far = *std::move(left);
    EXPECT_LE(far.node_count(), LogKey::kMaxNodes);
  }
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST(LogKey, ComesBackAsItWasOrNotAtAll) {
  const LogKey key = *LogKey::Make().Without(5, 9);
  const auto again = LogKey::Decode(key.encoded().Clone());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(KeyOf(*again, 9), KeyOf(key, 9));
  EXPECT_FALSE(again->Has(5));
  const base::Bytes raw = Raw(key.encoded());
  const auto decode = [](base::Bytes bytes) {
    return LogKey::Decode(base::SecretBytes::Copy(bytes)).status();
  };
  base::Bytes cut = raw;
  cut.pop_back();
  EXPECT_THAT(decode(cut), StatusIs(absl::StatusCode::kDataLoss));
  base::Bytes level = raw;
  level[8] = LogKey::kLevels + 1;
  EXPECT_THAT(decode(level), StatusIs(absl::StatusCode::kDataLoss));
  // Two nodes that overlap.
  base::Bytes twice = raw;
  twice.insert(twice.begin(), raw.begin(), raw.begin() + 41);
  EXPECT_THAT(decode(twice), StatusIs(absl::StatusCode::kDataLoss));
}

TEST(LogKey, FromKeepsWhatIsToCome) {
  const LogKey key = *LogKey::Make().Without(5, 9);
  const LogKey tail = key.From(10);
  EXPECT_EQ(tail.node_count(), 1U);
  EXPECT_EQ(KeyOf(tail, 10), KeyOf(key, 10));
  EXPECT_FALSE(tail.Has(9));
}

// What it keeps must never give another key than the tree, nor one that the
// tree has lost.
TEST(EntryKeys, AreThoseOfTheLogKeyInAnyOrder) {
  const auto log_key =
      std::make_shared<const LogKey>(*LogKey::Make().Without(300, 1'030));
  EntryKeys keys(log_key);
  for (const std::uint64_t number :
       {1U, 2U, 3U, 255U, 256U, 299U, 301U, 302U, 1'023U, 1'024U, 1'030U,
        1'031U, 1'032U, 1'033U, 2U, 302U, 301U, 299U}) {
    const auto key = keys.KeyOf(number);
    ASSERT_THAT(key, IsOk()) << number;
    EXPECT_EQ(Raw(*key), KeyOf(*log_key, number)) << number;
    // Its neighbour has none, whatever was asked before.
    EXPECT_THAT(keys.KeyOf(300), StatusIs(absl::StatusCode::kNotFound));
    EXPECT_THAT(keys.KeyOf(300), StatusIs(absl::StatusCode::kNotFound));
  }
  for (std::uint64_t number = 1; number <= 1'200; ++number) {
    const auto key = keys.KeyOf(number);
    EXPECT_EQ(key.ok() ? Raw(*key) : base::Bytes(), KeyOf(*log_key, number));
  }
  EXPECT_THAT(EntryKeys().KeyOf(1), StatusIs(absl::StatusCode::kNotFound));
}

class LogKeys : public ::testing::Test {
 protected:
  MemoryPersonKeyStore store_;
  testing::OneKek keks_;
  PersonId ann_ = IdOf<PersonId>(1);
};

TEST_F(LogKeys, AreKeptForOnePersonAndReplaced) {
  PersonKeys keys(store_, keks_);
  EXPECT_THAT(keys.LogKeyOf(ann_), StatusIs(absl::StatusCode::kNotFound));
  const auto made = keys.MakeLogKey(ann_);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(KeyOf(**keys.MakeLogKey(ann_), 3), KeyOf(**made, 3));
  ASSERT_THAT(keys.DestroyEntryKey(ann_, 3, 5), IsOk());
  EXPECT_FALSE((*keys.LogKeyOf(ann_))->Has(3));
  // Without the cache, and once more without harm.
  PersonKeys again(store_, keks_);
  EXPECT_FALSE((*again.LogKeyOf(ann_))->Has(3));
  EXPECT_EQ(KeyOf(**again.LogKeyOf(ann_), 4), KeyOf(**made, 4));
  EXPECT_THAT(again.DestroyEntryKey(ann_, 3, 5), IsOk());
  const auto bob = IdOf<PersonId>(2);
  ASSERT_THAT(store_.PutLogKey(bob, **store_.GetLogKey(ann_)), IsOk());
  EXPECT_THAT(again.LogKeyOf(bob), StatusIs(absl::StatusCode::kDataLoss));
}

class EntryRows : public ::testing::Test {
 protected:
  EntryRows() {
    content_.opening.fill(1);
    content_.position = 77;
    receipt::AccessEntry entry;
    entry.sequence = 4;
    content_.entry = entry.Encode();
    link_.position = 77;
    link_.commitment =
        receipt::CommitAccessEntry(content_.opening, content_.entry);
    row_ = Make(&log_key_);
  }
  PersonalRow Make(const LogKey* log_key) {
    absl::StatusOr<base::SecretBytes> entry_key = absl::NotFoundError("none");
    if (log_key != nullptr) entry_key = log_key->KeyOf(4);
    return MakeEntryRow(
        EntryRowKey(9, IdOf<PersonId>(1), 4), absl::FromUnixMillis(1'000), key_,
        entry_key.ok() ? &*entry_key : nullptr, link_, content_);
  }

  base::SecretBytes key_ = base::SecretBytes(32);
  LogKey log_key_ = LogKey::Make();
  SealedEntry content_;
  EntryLink link_;
  PersonalRow row_;
};

TEST_F(EntryRows, OpenWithBothKeysAndAtTheirPlaceOnly) {
  const auto opened = OpenEntryRow(key_, &log_key_, row_);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->link, link_);
  ASSERT_TRUE(opened->content);
  EXPECT_EQ(opened->content->entry, content_.entry);
  EXPECT_EQ(opened->content->position, 77U);
  EXPECT_FALSE(opened->erasure);
  PersonalRow moved = row_;
  moved.key.sequence = 5;
  EXPECT_THAT(OpenEntryRow(key_, &log_key_, moved),
              StatusIs(absl::StatusCode::kDataLoss));
  const LogKey other = LogKey::Make();
  EXPECT_THAT(OpenEntryRow(key_, &other, row_),
              StatusIs(absl::StatusCode::kDataLoss));
  PersonalRow relabelled = row_;
  relabelled.state = static_cast<std::uint8_t>(EntryForm::kErased);
  EXPECT_THAT(OpenEntryRow(key_, &log_key_, relabelled),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(EntryRows, WithoutTheContentsKeyTheLinkStays) {
  const LogKey left = *log_key_.Without(4, 4);
  const auto opened = OpenEntryRow(key_, &left, row_);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->link, link_);
  EXPECT_FALSE(opened->content);
  EXPECT_FALSE(opened->erasure);
}

TEST_F(EntryRows, AnErasedRowSaysWhoAskedAndHasNoContent) {
  EntryErasure erasure;
  erasure.time = absl::FromUnixMillis(5'000);
  erasure.told_in = 9;
  erasure.request = {"{}", {}};
  const PersonalRow erased = MakeErasedRow(row_, key_, link_, erasure);
  EXPECT_EQ(erased.key, row_.key);
  EXPECT_EQ(erased.created_ms, row_.created_ms);
  const auto opened = OpenEntryRow(key_, &log_key_, erased);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->link, link_);
  EXPECT_FALSE(opened->content);
  EXPECT_EQ(opened->erasure, erasure);
}

TEST_F(EntryRows, WithoutAKeyAnEntryIsKeptAsBefore) {
  for (const PersonalRow& row : {Make(nullptr), [this] {
                                   const LogKey left = *log_key_.Without(4, 4);
                                   return Make(&left);
                                 }()}) {
    EXPECT_EQ(row.state, static_cast<std::uint8_t>(EntryForm::kWrapped));
    const auto opened = OpenEntryRow(key_, nullptr, row);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->content->entry, content_.entry);
    EXPECT_EQ(opened->link, link_);
  }
}

}  // namespace
}  // namespace limpid::consent

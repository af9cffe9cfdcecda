// What the sequencer keeps of persons between decisions.

#include "consent/ledger/persons.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/secret.h"
#include "consent/ledger/memory_store.h"
#include "consent/ledger/sealing.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::SecretOf;

class PersonsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    head_ = *store_.TakeEpoch();
    ASSERT_THAT(keys_.Create(ann_), IsOk());
    record_.revision = testing::RequestedRecord(testing::CareAgreement());
    record_.revision.person = ann_;
    const auto ann = persons_.Load(ann_);
    ASSERT_THAT(ann, IsOk());
    LedgerCommit commit;
    commit.head = head_;
    commit.puts = {RowOf(record_, **ann)};
    ASSERT_THAT(store_.Commit(commit), IsOk());
    persons_.Clear();
  }

  MemoryLedgerStore store_;
  MemoryPersonKeyStore key_store_;
  testing::OneKek keks_;
  PersonKeys keys_{key_store_, keks_};
  Blinder blinder_{SecretOf(1), SecretOf(2)};
  Persons persons_{store_, keys_, blinder_, /*capacity=*/1};
  LedgerHead head_;
  const PersonId ann_ = testing::IdOf<PersonId>(2);
  LiveRecord record_;
};

TEST_F(PersonsTest, ARecordAndItsPersonComeTogether) {
  const auto subject = persons_.LoadSubject(record_.revision.record);
  ASSERT_THAT(subject, IsOk());
  EXPECT_EQ(subject->person->id, ann_);
  EXPECT_EQ(*subject->record, record_);
  EXPECT_THAT(persons_.LoadSubject(testing::IdOf<RecordId>(99)),
              StatusIs(absl::StatusCode::kNotFound));
}

// What an earlier task of the batch changed is not in the store yet.
TEST_F(PersonsTest, MemoryGoesBeforeTheStore) {
  const auto ann = persons_.Load(ann_);
  ASSERT_THAT(ann, IsOk());
  const auto changed = persons_.LoadRecord(**ann, record_.revision.record);
  ASSERT_THAT(changed, IsOk());
  (*changed)->use_count = 7;
  // Whose it is has to be looked up the first time, and not the second.
  for (int i = 0; i < 2; ++i) {
    const auto subject = persons_.LoadSubject(record_.revision.record);
    ASSERT_THAT(subject, IsOk());
    EXPECT_EQ(subject->record, *changed);
    EXPECT_EQ(subject->record->use_count, 7U);
  }
}

TEST_F(PersonsTest, OnlyAsManyStayAsWereAskedFor) {
  const auto bob = testing::IdOf<PersonId>(3);
  ASSERT_THAT(keys_.Create(bob), IsOk());
  const auto ann = persons_.LoadSubject(record_.revision.record);
  ASSERT_THAT(ann, IsOk());
  ann->record->use_count = 7;
  ASSERT_THAT(persons_.Load(bob), IsOk());
  persons_.Trim();
  const auto again = persons_.LoadSubject(record_.revision.record);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->record->use_count, 0U);
}

// What somebody signed counts by its size, not as one person.
TEST_F(PersonsTest, DelegationsStayWithinTheirBytes) {
  Persons persons(store_, keys_, blinder_, /*capacity=*/8,
                  /*delegation_bytes=*/1'000);
  const auto bob = testing::IdOf<PersonId>(3);
  ASSERT_THAT(keys_.Create(bob), IsOk());
  const auto keep = [&](const PersonId& person, std::size_t bytes) {
    HeldDelegation held;
    held.canonical_json = std::string(bytes, ' ');
    persons.Keep(**persons.Load(person), held);
  };
  const auto kept = [&](const PersonId& person) {
    return (*persons.Load(person))->delegation_bytes;
  };
  keep(ann_, 500);
  keep(bob, 500);
  persons.Trim();
  EXPECT_EQ(kept(ann_), 500U);
  EXPECT_EQ(kept(bob), 500U);
  // Ann is the one used least recently.
  const auto carl = testing::IdOf<PersonId>(4);
  ASSERT_THAT(keys_.Create(carl), IsOk());
  keep(carl, 1);
  persons.Trim();
  EXPECT_EQ(kept(bob), 500U);
  EXPECT_EQ(kept(carl), 1U);
  EXPECT_EQ(kept(ann_), 0U);
  // What went is counted no more.
  keep(ann_, 499);
  persons.Trim();
  EXPECT_EQ(kept(bob), 500U);
}

// The bytes of somebody who is forgotten, as at the erasing of her account,
// push nobody out; nor is there anybody to push out for them.
TEST_F(PersonsTest, WhoIsForgottenCountsNoMore) {
  Persons persons(store_, keys_, blinder_, /*capacity=*/8,
                  /*delegation_bytes=*/1'000);
  const auto keep = [&](const PersonId& person, std::size_t bytes) {
    HeldDelegation held;
    held.canonical_json = std::string(bytes, ' ');
    persons.Keep(**persons.Load(person), held);
  };
  keep(ann_, 900);
  persons.Forget(ann_);
  const auto bob = testing::IdOf<PersonId>(3);
  ASSERT_THAT(keys_.Create(bob), IsOk());
  keep(bob, 500);
  persons.Trim();
  EXPECT_EQ((*persons.Load(bob))->delegation_bytes, 500U);
  // Over the bound with nobody else there.
  keep(ann_, 1'200);
  persons.Forget(ann_);
  persons.Forget(bob);
  persons.Trim();
  EXPECT_EQ((*persons.Load(ann_))->delegation_bytes, 0U);
}

// What a batch has counted is in no store before its commit: nothing of it goes
// while the batch runs, however many there are.
TEST_F(PersonsTest, TalliesStayUntilTheBatchIsOver) {
  const auto ann = persons_.Load(ann_);
  ASSERT_THAT(ann, IsOk());
  const auto tally = [&](std::uint16_t number) {
    RowId id{};
    id[0] = static_cast<std::uint8_t>(number >> 8U);
    id[1] = static_cast<std::uint8_t>(number);
    return *persons_.LoadTally(**ann, id);
  };
  tally(0)->count = 7;
  constexpr std::uint16_t kMany = 5'000;
  for (std::uint16_t number = 1; number < kMany; ++number) tally(number);
  EXPECT_EQ(tally(0)->count, 7U);
  persons_.Trim();
  EXPECT_EQ(tally(0)->count, 0U);
}

// Changes the stored record as the sequencer does: with its person in memory.
class PersonsAhead : public PersonsTest {
 protected:
  [[nodiscard]] RecordId record() const { return record_.revision.record; }
  void StoreUses(std::uint64_t count, const PersonState& ann) {
    record_.use_count = count;
    LedgerCommit commit;
    commit.head = head_;
    commit.puts = {RowOf(record_, ann)};
    ASSERT_THAT(store_.Commit(commit), IsOk());
  }
  void UseTwiceInMemory() {
    const auto subject = persons_.LoadSubject(record());
    ASSERT_THAT(subject, IsOk());
    StoreUses(2, *subject->person);
    subject->record->use_count = 2;
  }
  std::uint64_t UsesFrom(std::optional<PersonAhead> ahead) {
    const auto subject = persons_.LoadSubject(*std::move(ahead));
    return subject.ok() ? subject->record->use_count : UINT64_MAX;
  }
};

TEST_F(PersonsAhead, WhatWasReadIsTaken) {
  auto ahead = persons_.ReadAhead(record());
  ASSERT_TRUE(ahead.has_value());
  // Nobody does this: it shows that nothing is read a second time.
  StoreUses(9, *ahead->person);
  EXPECT_EQ(UsesFrom(std::move(ahead)), 0U);
  // She stays, as one who was read by the sequencer.
  EXPECT_EQ(persons_.LoadSubject(record())->record->use_count, 0U);
  EXPECT_FALSE(persons_.ReadAhead(record()).has_value());
}

TEST_F(PersonsAhead, MemoryGoesBefore) {
  auto ahead = persons_.ReadAhead(record());
  UseTwiceInMemory();
  EXPECT_EQ(UsesFrom(std::move(ahead)), 2U);
}

TEST_F(PersonsAhead, WhoWasInMemoryMeanwhileIsReadAgain) {
  auto trimmed = persons_.ReadAhead(record());
  UseTwiceInMemory();
  const auto bob = testing::IdOf<PersonId>(3);
  ASSERT_THAT(keys_.Create(bob), IsOk());
  ASSERT_THAT(persons_.Load(bob), IsOk());
  persons_.Trim();
  EXPECT_EQ(UsesFrom(std::move(trimmed)), 2U);
}

TEST_F(PersonsAhead, WhoWasForgottenMeanwhileIsReadAgain) {
  auto forgotten = persons_.ReadAhead(record());
  UseTwiceInMemory();
  persons_.Forget(ann_);
  EXPECT_EQ(UsesFrom(std::move(forgotten)), 2U);
  // Changed without being in memory.
  persons_.Forget(ann_);
  auto absent = persons_.ReadAhead(record());
  StoreUses(3, *absent->person);
  persons_.Forget(ann_);
  EXPECT_EQ(UsesFrom(std::move(absent)), 3U);
}

TEST_F(PersonsAhead, AfterAFailedCommitEverybodyIsReadAgain) {
  auto ahead = persons_.ReadAhead(record());
  UseTwiceInMemory();
  persons_.Clear();
  EXPECT_EQ(UsesFrom(std::move(ahead)), 2U);
}

TEST_F(PersonsAhead, WhoIsInMemoryIsNotReadUntilSheLeaves) {
  ASSERT_THAT(persons_.LoadSubject(record()), IsOk());
  EXPECT_FALSE(persons_.ReadAhead(record()).has_value());
  persons_.Forget(ann_);
  EXPECT_TRUE(persons_.ReadAhead(record()).has_value());
}

TEST_F(PersonsAhead, WhatIsRefusedStaysSo) {
  auto ahead = persons_.ReadAhead(record());
  persons_.Refuse(record());
  EXPECT_THAT(persons_.LoadSubject(*std::move(ahead)),
              StatusIs(absl::StatusCode::kDataLoss));
  persons_.Forget(ann_);
  auto again = persons_.ReadAhead(record());
  persons_.Refuse(ann_);
  EXPECT_THAT(persons_.LoadSubject(*std::move(again)),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(PersonsAhead, WhatNobodyHasIsLookedForOnce) {
  auto ahead = persons_.ReadAhead(testing::IdOf<RecordId>(99));
  ASSERT_TRUE(ahead.has_value());
  EXPECT_EQ(ahead->person, nullptr);
  EXPECT_THAT(persons_.LoadSubject(*std::move(ahead)),
              StatusIs(absl::StatusCode::kNotFound));
}

// That is a write, and the sequencer's.
TEST_F(PersonsAhead, NoLogKeyIsMade) {
  PersonState bob;
  bob.id = testing::IdOf<PersonId>(3);
  bob.shard = blinder_.ShardOf(bob.id);
  bob.key = *keys_.Create(bob.id);
  LiveRecord record = record_;
  record.revision.person = bob.id;
  record.revision.record = testing::IdOf<RecordId>(7);
  LedgerCommit commit;
  commit.head = head_;
  commit.puts = {RowOf(record, bob)};
  ASSERT_THAT(store_.Commit(commit), IsOk());
  EXPECT_FALSE(persons_.ReadAhead(record.revision.record).has_value());
  EXPECT_THAT(keys_.LogKeyOf(bob.id), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(persons_.LoadSubject(record.revision.record), IsOk());
  EXPECT_THAT(keys_.LogKeyOf(bob.id), IsOk());
}

}  // namespace
}  // namespace limpid::consent

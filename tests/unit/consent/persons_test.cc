// What the sequencer keeps of persons between decisions.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/base/secret.h"
#include "consent/ledger/memory_store.h"
#include "consent/ledger/person_state.h"
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

}  // namespace
}  // namespace limpid::consent

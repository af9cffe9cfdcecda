// What consent lists of permitted reads for the operator who compares them with
// a vault's trail, and what it does not.

#include "consent/reconcile/permitted_reads.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/receipt/erasure.h"
#include "common/receipt/permit.h"
#include "common/receipt/release_batch.h"
#include "common/tlog/leaf.h"
#include "consent/consent_state.h"
#include "consent/log/erasure_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/account_erasure_fixture.h"
#include "tests/unit/consent/embargo_fixture.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::Released;
using testing::World;

class PermittedReads : public ::testing::Test {
 protected:
  PermittedReads() {
    record_ = world_.Granted(ann_).revision.record;
    from_ = world_.clock().Now();
  }

  AccessId Read() {
    const auto answer = world_.Read(record_);
    EXPECT_TRUE(Released(answer));
    return answer->access;
  }
  // All until now, which is an hour later.
  std::vector<PermittedRead> List(std::size_t most = kMaxPermittedReads) {
    world_.clock().Advance(absl::Hours(1));
    PermittedBook book(world_.consent(), most);
    std::vector<PermittedRead> out;
    std::optional<PermittedOrder> after;
    do {
      const auto part = book.List({from_, world_.clock().Now()}, after);
      EXPECT_THAT(part, IsOk());
      if (!part.ok()) return out;
      EXPECT_LE((*part)->reads.size(), most);
      out.insert(out.end(), (*part)->reads.begin(), (*part)->reads.end());
      after = (*part)->next_after;
    } while (after);
    return out;
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(11);
  RecordId record_;
  absl::Time from_;
};

TEST_F(PermittedReads, ListsWhatThePermitNames) {
  const absl::Time time =
      absl::FromUnixMillis(absl::ToUnixMillis(world_.clock().Now()));
  const auto answer = world_.Read(record_);
  ASSERT_TRUE(Released(answer));
  // Nobody has that one, and nothing of it is permitted.
  (void)world_.Read(RecordId::Random());
  const auto all = List();
  ASSERT_EQ(all.size(), 1U);
  const PermittedRead& read = all.front();
  EXPECT_EQ(read.state, PermittedState::kShown);
  EXPECT_EQ(read.access, answer->access.bytes());
  EXPECT_EQ(read.time, time);
  const auto permit = receipt::Permit::Decode(answer->release->item);
  ASSERT_THAT(permit, IsOk());
  EXPECT_EQ(read.permitted, permit->lines.size());
  EXPECT_EQ(read.lines, receipt::PermittedLines(permit->lines));
  EXPECT_FALSE(read.fenced);
}

TEST_F(PermittedReads, SaysWhenTheRecordWasFencedNext) {
  Read();
  world_.clock().Advance(absl::Milliseconds(500));
  const absl::Time fenced =
      absl::FromUnixMillis(absl::ToUnixMillis(world_.clock().Now()));
  ASSERT_THAT(world_.consent().Pause(ann_.id, record_), IsOk());
  const auto all = List();
  ASSERT_EQ(all.size(), 1U);
  ASSERT_TRUE(all.front().fenced);
  EXPECT_EQ(*all.front().fenced, fenced);
}

TEST_F(PermittedReads, IsProvenByThePublicLog) {
  Read();
  const auto waiting = List();
  ASSERT_EQ(waiting.size(), 1U);
  PermittedBook book(world_.consent());
  EXPECT_EQ(*book.Prove(waiting.front()), "");
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  EXPECT_NE(*book.Prove(waiting.front()), "");
  const auto leaves = world_.log().entries();
  EXPECT_NE(std::find(leaves.begin(), leaves.end(),
                      tlog::CommitmentLeaf(tlog::LeafKind::kAccess,
                                           waiting.front().commitment)),
            leaves.end());
}

TEST_F(PermittedReads, ErasedOnesAreCountedAndSayNothing) {
  Read();
  const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 1);
  receipt::ErasureRequest terms;
  const base::Bytes leaf = page->entries[0].leaf;
  std::copy(leaf.begin() + 1, leaf.end(), terms.commitment.begin());
  terms.operator_name = "limpid.example";
  terms.person = ann_.id.Text();
  terms.sequence = page->entries[0].entry.sequence;
  terms.time = world_.clock().Now();
  ASSERT_THAT(ErasureDesk(world_.consent())
                  .Erase(ann_.id, receipt::SignErasure(terms, ann_.key)),
              IsOk());
  const auto all = List();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().state, PermittedState::kErased);
  EXPECT_EQ(all.front().access, base::ByteArray<16>{});
  EXPECT_EQ(all.front().lines, base::Digest32{});
  ASSERT_THAT(world_.consent().TickLog(), IsOk());
  EXPECT_EQ(*PermittedBook(world_.consent()).Prove(all.front()), "");
}

// Its row is there and opens no more: somebody is called, and the operator is
// not told that nothing was permitted.
TEST_F(PermittedReads, DamagedOnesAreMissingAndAnAlarm) {
  Read();
  const auto shard = world_.consent().state().blinder.ShardOf(ann_.id);
  auto rows = *stores_.ledger().ListKind(shard, ann_.id, RowKind::kEntry);
  ASSERT_FALSE(rows.empty());
  const auto newest =
      std::max_element(rows.begin(), rows.end(),
                       [](const PersonalRow& left, const PersonalRow& right) {
                         return left.key.sequence < right.key.sequence;
                       });
  newest->payload = {1, 2, 3};
  LedgerCommit commit;
  commit.puts = {*newest};
  commit.head = *stores_.ledger().Head();
  ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  const std::size_t before = world_.alarms().size();
  const auto all = List();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().state, PermittedState::kMissing);
  EXPECT_EQ(world_.alarms().size(), before + 1);
}

TEST_F(PermittedReads, WhateverEndsARecordFencesIt) {
  Read();
  const auto other = world_.Granted(ann_).revision.record;
  ASSERT_TRUE(Released(world_.Read(other)));
  world_.clock().Advance(absl::Seconds(1));
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record_), IsOk());
  ASSERT_THAT(world_.consent().Revoke(other, "no longer needed"), IsOk());
  const auto all = List();
  ASSERT_EQ(all.size(), 2U);
  for (const PermittedRead& read : all) EXPECT_TRUE(read.fenced);
}

TEST_F(PermittedReads, AFenceBeforeAReadIsNotItsFence) {
  ASSERT_THAT(world_.consent().Pause(ann_.id, record_), IsOk());
  world_.clock().Advance(absl::Seconds(1));
  ASSERT_THAT(world_.consent().Resume(ann_.id, record_), IsOk());
  world_.clock().Advance(absl::Seconds(1));
  Read();
  const auto all = List();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_FALSE(all.front().fenced);
}

TEST_F(PermittedReads, APeriodBeginsAtItsFromAndEndsBeforeItsUntil) {
  const absl::Time first =
      absl::FromUnixMillis(absl::ToUnixMillis(world_.clock().Now()));
  Read();
  world_.clock().Advance(absl::Seconds(1));
  const absl::Time second =
      absl::FromUnixMillis(absl::ToUnixMillis(world_.clock().Now()));
  Read();
  world_.clock().Advance(absl::Seconds(1));
  PermittedBook book(world_.consent());
  for (const absl::Time from : {first, second}) {
    const auto part = book.List({from, from + absl::Seconds(1)});
    ASSERT_THAT(part, IsOk());
    ASSERT_EQ((*part)->reads.size(), 1U);
    EXPECT_EQ((*part)->reads.front().time, from);
  }
}

// Each reads every entry of the store; pages of one part do not.
TEST_F(PermittedReads, APartIsKeptForItsPagesAndNoLonger) {
  Read();
  world_.clock().Advance(absl::Hours(1));
  PermittedBook book(world_.consent());
  const PermittedPeriod period = {from_, world_.clock().Now()};
  const auto first = book.List(period);
  ASSERT_THAT(first, IsOk());
  world_.clock().Advance(PermittedBook::kKept - absl::Seconds(1));
  EXPECT_EQ(*book.List(period), *first);
  world_.clock().Advance(absl::Seconds(1));
  const auto second = book.List(period);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(*second, *first);
  EXPECT_EQ((*second)->reads.size(), 1U);
}

// Whatever the clock says now, what was listed then is not today's.
TEST_F(PermittedReads, APartIsNotKeptOverAClockThatWasSetBack) {
  Read();
  world_.clock().Advance(absl::Hours(1));
  PermittedBook book(world_.consent());
  const PermittedPeriod period = {from_, from_ + absl::Minutes(1)};
  const auto first = book.List(period);
  ASSERT_THAT(first, IsOk());
  world_.clock().Advance(-absl::Minutes(5));
  const auto second = book.List(period);
  ASSERT_THAT(second, IsOk());
  EXPECT_NE(*second, *first);
}

// A refusal is an entry of hers too, and lets nothing out.
TEST_F(PermittedReads, WhatWasRefusedIsNoPermittedRead) {
  const AccessId permitted = Read();
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record_), IsOk());
  const auto refused = world_.Read(record_);
  ASSERT_FALSE(Released(refused));
  const auto all = List();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all.front().access, permitted.bytes());
}

// Keys of one person that do not open hide nobody else's reads.
class PermittedWithDamagedKeys : public PermittedReads,
                                 public ::testing::WithParamInterface<bool> {
 protected:
  static PersonKeyStore::Wrapped Broken(PersonKeyStore::Wrapped key) {
    key.wrap.back() ^= 1;
    return key;
  }
};

TEST_P(PermittedWithDamagedKeys, CountsHersAndListsTheOthers) {
  const Citizen bela = world_.NewCitizen(12);
  const RecordId other = world_.Granted(bela).revision.record;
  Read();
  const auto seen = world_.Read(other);
  ASSERT_TRUE(Released(seen));
  // Nothing is remembered of her keys.
  world_.Restart();
  auto key = *stores_.keys().Get(ann_.id).value();
  auto log_key = *stores_.keys().GetLogKey(ann_.id).value();
  ASSERT_THAT(stores_.keys().Erase(ann_.id), IsOk());
  ASSERT_THAT(stores_.keys().Insert(ann_.id, GetParam() ? Broken(key) : key),
              IsOk());
  ASSERT_THAT(
      stores_.keys().PutLogKey(ann_.id, GetParam() ? log_key : Broken(log_key)),
      IsOk());
  std::size_t missing = 0;
  std::size_t shown = 0;
  for (const PermittedRead& read : List()) {
    if (read.state == PermittedState::kMissing) ++missing;
    if (read.state != PermittedState::kShown) continue;
    ++shown;
    EXPECT_EQ(read.access, seen->access.bytes());
  }
  EXPECT_GE(missing, 1U);
  EXPECT_EQ(shown, 1U);
  EXPECT_FALSE(world_.alarms().empty());
}

INSTANTIATE_TEST_SUITE_P(PersonKeyOrLogKey, PermittedWithDamagedKeys,
                         ::testing::Bool());

TEST_F(PermittedReads, ComesInPartsInAnOrderThatTellsNothing) {
  std::set<base::ByteArray<16>> made;
  for (int i = 0; i < 7; ++i) {
    made.insert(Read().bytes());
    world_.clock().Advance(absl::Seconds(1));
  }
  for (const std::size_t most : {1U, 3U, 7U, 8U}) {
    const auto all = List(most);
    std::set<base::ByteArray<16>> listed;
    for (const PermittedRead& read : all) listed.insert(read.access);
    EXPECT_EQ(listed, made) << most;
    EXPECT_EQ(all.size(), made.size()) << most;
    EXPECT_TRUE(std::is_sorted(
        all.begin(), all.end(),
        [](const PermittedRead& left, const PermittedRead& right) {
          return left.access < right.access;
        }));
  }
}

TEST_F(PermittedReads, APeriodEndsByNow) {
  PermittedBook book(world_.consent());
  const absl::Time now = world_.clock().Now();
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(book.List({now, now}), refused);
  EXPECT_THAT(book.List({now, now + absl::Seconds(1)}), refused);
  EXPECT_THAT(book.List({now - absl::Seconds(1), now}), IsOk());
}

class PermittedOfTheErased : public testing::AccountErasureWorld {};

// In the middle too: some of her rows are stubs, and her keys are still there.
TEST_F(PermittedOfTheErased, AreErasedAndNotMissing) {
  const absl::Time from = world_.clock().Now();
  (void)Ended(ann_, 3);
  world_.clock().Advance(absl::Hours(25));
  stores_.memory().FailCommitsAfter(1, absl::UnavailableError("disk"));
  ASSERT_THAT(Erase(ann_), IsOk());
  const std::size_t alarms = world_.alarms().size();
  for (const bool finished : {false, true}) {
    if (finished) {
      stores_.memory().FailCommits(absl::OkStatus());
      world_.clock().Advance(absl::Minutes(11));
      for (int i = 0; i < 12; ++i) consent().RunDue();
      ExpectGone(ann_);
    }
    PermittedBook book(consent());
    const auto part = book.List({from, world_.clock().Now()});
    ASSERT_THAT(part, IsOk());
    EXPECT_GE((*part)->reads.size(), 3U);
    for (const PermittedRead& read : (*part)->reads) {
      EXPECT_NE(read.state, PermittedState::kMissing) << finished;
    }
  }
  EXPECT_EQ(world_.alarms().size(), alarms);
}

class PermittedUnderEmbargo : public testing::EmbargoWorld {};

// The vault notes such a read like any other, and it must not stand out here.
TEST_F(PermittedUnderEmbargo, IsListedLikeAllOthers) {
  Give(30);
  const RecordId record = GrantedUnder(30);
  const absl::Time from = world_.clock().Now();
  const AccessId secret = Read(record);
  Visible();
  world_.clock().Advance(absl::Seconds(1));
  PermittedBook book(world_.consent());
  const auto part = book.List({from, world_.clock().Now()});
  ASSERT_THAT(part, IsOk());
  ASSERT_EQ((*part)->reads.size(), 2U);
  std::size_t met = 0;
  for (const PermittedRead& read : (*part)->reads) {
    EXPECT_EQ(read.state, PermittedState::kShown);
    EXPECT_GT(read.permitted, 0);
    if (read.access == secret.bytes()) ++met;
  }
  EXPECT_EQ(met, 1U);
}

}  // namespace
}  // namespace limpid::consent

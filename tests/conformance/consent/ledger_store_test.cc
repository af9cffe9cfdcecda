// Every obligation of LedgerStore, against memory,
// SQLCipher, SQLCipher behind the redo tail and PostgreSQL, and these three
// closed and opened after each step.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "consent/ledger/store.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/conformance/consent/ledger_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Backend;
using testing::IdOf;
using testing::Raw;
using testing::RowOfKind;

class LedgerStoreConformance : public testing::LedgerFixture {};

TEST_P(LedgerStoreConformance, HeadKeepsTheNewestNumbers) {
  LedgerCommit commit = Next();
  commit.head.clock_ms = 5;
  commit.head.position = 6;
  commit.head.event = 7;
  commit.head.stop = 8;
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_EQ(*store().Head(), commit.head);
  const auto head = store().TakeEpoch();
  ASSERT_THAT(head, IsOk());
  LedgerHead want = commit.head;
  ++want.epoch;
  EXPECT_EQ(*head, want);
}

TEST_P(LedgerStoreConformance, AnEarlierEpochCommitsNoMore) {
  ASSERT_THAT(store().TakeEpoch(), IsOk());
  LedgerCommit late = Next();
  late.inserts = {RowOfKind(RowKind::kEntry, 0, 1)};
  EXPECT_THAT(Commit(late), StatusIs(absl::StatusCode::kAborted));
  EXPECT_FALSE(store().Get(late.inserts[0].key)->has_value());
  EXPECT_THAT(store().PutPlan(head_.epoch, {}),
              StatusIs(absl::StatusCode::kAborted));
}

TEST_P(LedgerStoreConformance, RowsComeBackAsTheyWere) {
  PersonalRow full = RowOfKind(RowKind::kRecord, 3, 0);
  full.lookup = Raw(9);
  full.state = 5;
  full.due_ms = 12'345;
  PersonalRow bare = RowOfKind(RowKind::kEntry, 0, INT64_MAX - 1);
  bare.payload = base::Bytes(100'000, 0);
  LedgerCommit commit = Next();
  commit.inserts = {bare};
  commit.puts = {full};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_EQ(**store().Get(full.key), full);
  EXPECT_EQ(**store().Get(bare.key), bare);
  EXPECT_EQ(**store().Find(RowKind::kRecord, Raw(9)), full);
  EXPECT_FALSE(store().Find(RowKind::kAccountKey, Raw(9))->has_value());
  RowKey other = full.key;
  other.person = IdOf<PersonId>(2);
  EXPECT_FALSE(store().Get(other)->has_value());
}

TEST_P(LedgerStoreConformance, AnInsertNeverReplaces) {
  LedgerCommit commit = Next();
  commit.inserts = {RowOfKind(RowKind::kRevision, 1, 1)};
  ASSERT_THAT(Commit(commit), IsOk());
  LedgerCommit again = Next();
  again.inserts = {RowOfKind(RowKind::kRevision, 2, 1),
                   RowOfKind(RowKind::kRevision, 1, 1)};
  again.inserts[1].payload = {9};
  EXPECT_THAT(Commit(again), StatusIs(absl::StatusCode::kAlreadyExists));
  // All or nothing.
  EXPECT_FALSE(store().Get(again.inserts[0].key)->has_value());
  EXPECT_EQ((*store().Get(commit.inserts[0].key))->payload,
            commit.inserts[0].payload);
}

TEST_P(LedgerStoreConformance, ALookupIsTakenOnce) {
  PersonalRow first = RowOfKind(RowKind::kAccountKey, 1, 0);
  first.lookup = Raw(4);
  LedgerCommit commit = Next();
  commit.inserts = {first};
  ASSERT_THAT(Commit(commit), IsOk());
  PersonalRow second = RowOfKind(RowKind::kAccountKey, 2, 0);
  second.lookup = Raw(4);
  LedgerCommit clash = Next();
  clash.inserts = {second};
  EXPECT_THAT(Commit(clash), StatusIs(absl::StatusCode::kAlreadyExists));
  second.key.kind = RowKind::kPseudonym;
  clash.inserts = {second};
  EXPECT_THAT(Commit(clash), IsOk());
}

TEST_P(LedgerStoreConformance, APutReplacesEverythingButTheKey) {
  PersonalRow row = RowOfKind(RowKind::kRecord, 1, 0);
  row.lookup = Raw(4);
  row.due_ms = 50;
  LedgerCommit commit = Next();
  commit.puts = {row};
  ASSERT_THAT(Commit(commit), IsOk());
  row.state = 9;
  row.due_ms = 0;
  row.payload = {};
  commit = Next();
  commit.puts = {row};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_EQ(**store().Find(RowKind::kRecord, Raw(4)), row);
  EXPECT_TRUE(store().Due(1'000'000, 10)->empty());
}

TEST_P(LedgerStoreConformance, ListsDownwards) {
  LedgerCommit commit = Next();
  for (std::uint64_t i = 1; i <= 5; ++i) {
    commit.inserts.push_back(RowOfKind(RowKind::kEntry, 0, i));
  }
  commit.inserts.push_back(RowOfKind(RowKind::kEntry, 1, 9));
  commit.inserts.push_back(RowOfKind(RowKind::kRevision, 0, 3));
  ASSERT_THAT(Commit(commit), IsOk());
  RowKey below = commit.inserts[0].key;
  below.sequence = 5;
  const auto page = store().ListDown(below, 3);
  ASSERT_THAT(page, IsOk());
  ASSERT_EQ(page->size(), 3U);
  EXPECT_EQ((*page)[0].key.sequence, 4U);
  EXPECT_EQ((*page)[2].key.sequence, 2U);
  below.sequence = INT64_MAX;
  EXPECT_EQ(store().ListDown(below, 100)->size(), 5U);
  below.sequence = 1;
  EXPECT_TRUE(store().ListDown(below, 100)->empty());
  EXPECT_EQ(store().ListKind(7, IdOf<PersonId>(1), RowKind::kEntry)->size(),
            6U);
}

TEST_P(LedgerStoreConformance, ADeletedRowIsGoneFromEveryRead) {
  LedgerCommit commit = Next();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    PersonalRow row = RowOfKind(RowKind::kRevision, 0, i);
    row.lookup = Raw(static_cast<std::uint8_t>(i));
    row.state = 5;
    row.due_ms = 10;
    commit.inserts.push_back(row);
  }
  ASSERT_THAT(Commit(commit), IsOk());
  // Behind a redo tail the tables have the rows now.
  ASSERT_THAT(store().Head(), IsOk());
  const RowKey third = commit.inserts[2].key;
  const RowKey fourth = commit.inserts[3].key;
  commit = Next();
  commit.deletes = {third, fourth};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_FALSE(store().Get(third)->has_value());
  EXPECT_FALSE(store().Find(RowKind::kRevision, Raw(3))->has_value());
  RowKey below = third;
  below.sequence = INT64_MAX;
  const auto page = store().ListDown(below, 1);
  ASSERT_EQ(page->size(), 1U);
  EXPECT_EQ((*page)[0].key.sequence, 2U);
  EXPECT_EQ(store().ListDown(below, SIZE_MAX)->size(), 2U);
  EXPECT_EQ(store().ListKind(7, IdOf<PersonId>(1), RowKind::kRevision)->size(),
            2U);
  EXPECT_EQ(store().Due(100, 10)->size(), 2U);
  EXPECT_EQ(store().InState(RowKind::kRevision, 5, {}, 10)->size(), 2U);
  // Whether it is there or not.
  commit = Next();
  commit.deletes = {third};
  EXPECT_THAT(Commit(commit), IsOk());
}

TEST_P(LedgerStoreConformance, ADeletedRowsKeyAndLookupAreFree) {
  PersonalRow old = RowOfKind(RowKind::kRevision, 1, 0);
  old.lookup = Raw(4);
  LedgerCommit commit = Next();
  commit.inserts = {old};
  ASSERT_THAT(Commit(commit), IsOk());
  ASSERT_THAT(store().Head(), IsOk());
  // In one commit: what goes makes room for what comes.
  PersonalRow same_lookup = RowOfKind(RowKind::kRevision, 2, 0);
  same_lookup.lookup = Raw(4);
  commit = Next();
  commit.deletes = {old.key};
  commit.inserts = {same_lookup};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_EQ(**store().Find(RowKind::kRevision, Raw(4)), same_lookup);
  // In the next one, both ways.
  PersonalRow back = old;
  back.lookup = Raw(5);
  back.payload = {6};
  commit = Next();
  commit.inserts = {back};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_EQ(**store().Get(old.key), back);
  EXPECT_THAT(Commit(commit), StatusIs(absl::StatusCode::kAlreadyExists));
  commit = Next();
  commit.deletes = {back.key, same_lookup.key};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_FALSE(store().Get(back.key)->has_value());
  EXPECT_FALSE(store().Find(RowKind::kRevision, Raw(4))->has_value());
  EXPECT_FALSE(store().Find(RowKind::kRevision, Raw(5))->has_value());
}

// Behind a redo tail these are all on their way together.
TEST_P(LedgerStoreConformance, ARowMadeAndDeletedAtOnceLeavesNothing) {
  const PersonalRow row = RowOfKind(RowKind::kEntry, 0, 1);
  LedgerCommit commit = Next();
  commit.inserts = {row};
  ASSERT_THAT(Commit(commit), IsOk());
  commit = Next();
  commit.deletes = {row.key};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_FALSE(store().Get(row.key)->has_value());
  commit = Next();
  commit.puts = {row};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_EQ(**store().Get(row.key), row);
  commit = Next();
  commit.deletes = {row.key};
  ASSERT_THAT(Commit(commit), IsOk());
  ASSERT_THAT(store().Head(), IsOk());
  EXPECT_FALSE(store().Get(row.key)->has_value());
}

TEST_P(LedgerStoreConformance, DueRowsComeInTimeOrder) {
  LedgerCommit commit = Next();
  for (const std::uint8_t due : std::vector<std::uint8_t>{30, 10, 20}) {
    PersonalRow row = RowOfKind(RowKind::kRecord, due, 0);
    row.due_ms = due;
    commit.puts.push_back(row);
  }
  commit.puts.push_back(RowOfKind(RowKind::kRecord, 99, 0));
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_TRUE(store().Due(9, 10)->empty());
  const auto due = store().Due(20, 10);
  ASSERT_EQ(due->size(), 2U);
  EXPECT_EQ((*due)[0].id, Raw(10));
  EXPECT_EQ((*due)[1].id, Raw(20));
  EXPECT_EQ(store().Due(100, 1)->size(), 1U);
}

TEST_P(LedgerStoreConformance, WhatIsDueIsWhatWasWrittenLast) {
  PersonalRow row = RowOfKind(RowKind::kRecord, 1, 0);
  PersonalRow other = RowOfKind(RowKind::kRecord, 2, 0);
  const auto put = [&](std::int64_t due_ms) {
    row.due_ms = due_ms;
    LedgerCommit commit = Next();
    commit.puts = {row};
    return Commit(commit);
  };
  other.due_ms = 8;
  LedgerCommit commit = Next();
  commit.puts = {other};
  ASSERT_THAT(Commit(commit), IsOk());
  ASSERT_THAT(put(5), IsOk());
  // Everything is where it stays; what follows may be on its way for a while.
  ASSERT_THAT(store().Stops(0), IsOk());
  EXPECT_EQ(store().Due(9, 10)->size(), 2U);
  ASSERT_THAT(put(0), IsOk());
  ASSERT_EQ(store().Due(9, 1)->size(), 1U);
  EXPECT_EQ(store().Due(9, 1)->front(), other.key);
  ASSERT_THAT(put(20), IsOk());
  EXPECT_EQ(store().Due(19, 10)->size(), 1U);
  EXPECT_EQ(store().Due(20, 10)->size(), 2U);
  EXPECT_TRUE(store().Due(20, 0)->empty());
}

TEST_P(LedgerStoreConformance, WalksAStateInKeyOrder) {
  LedgerCommit commit = Next();
  for (std::uint8_t i = 1; i <= 6; ++i) {
    PersonalRow row = RowOfKind(RowKind::kRecord, i, 0);
    row.state = i % 2 == 0 ? 5 : 6;
    commit.puts.push_back(row);
  }
  ASSERT_THAT(Commit(commit), IsOk());
  const auto first = store().InState(RowKind::kRecord, 5, {}, 2);
  ASSERT_EQ(first->size(), 2U);
  EXPECT_EQ((*first)[0].id, Raw(2));
  const auto rest = store().InState(RowKind::kRecord, 5, first->back(), 2);
  ASSERT_EQ(rest->size(), 1U);
  EXPECT_EQ((*rest)[0].id, Raw(6));
}

TEST_P(LedgerStoreConformance, PublicRowsInsertPutAndList) {
  PublicRow row{PublicKind::kRequest, {1, 2, 3}, 5, {7, 0, 7}};
  PublicRow other{PublicKind::kRequest, {1, 2}, 6, {}};
  LedgerCommit commit = Next();
  commit.public_inserts = {row, other};
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_EQ(**store().GetPublic(PublicKind::kRequest, row.id), row);
  EXPECT_FALSE(store().GetPublic(PublicKind::kService, row.id)->has_value());
  EXPECT_THAT(Commit(commit), StatusIs(absl::StatusCode::kAlreadyExists));
  row.payload = {8};
  commit = Next();
  commit.public_puts = {row};
  ASSERT_THAT(Commit(commit), IsOk());
  const auto rows = store().ListPublic(PublicKind::kRequest);
  ASSERT_EQ(rows->size(), 2U);
  EXPECT_EQ((*rows)[0], other);
  EXPECT_EQ((*rows)[1], row);
}

TEST_P(LedgerStoreConformance, PublicRowsGoAndComeBackAndAreListedInPages) {
  const auto row = [](std::uint8_t id) {
    return PublicRow{PublicKind::kRequest, {id}, 5, {id}};
  };
  LedgerCommit commit = Next();
  commit.public_inserts = {row(1), row(2), row(3), row(4)};
  commit.public_inserts.push_back({PublicKind::kSharing, {2}, 5, {9}});
  ASSERT_THAT(Commit(commit), IsOk());
  using Rows = std::vector<PublicRow>;
  EXPECT_EQ(*store().ListPublic(PublicKind::kRequest, {}, 2),
            (Rows{row(1), row(2)}));
  const base::Bytes second = {2};
  EXPECT_EQ(*store().ListPublic(PublicKind::kRequest, second, 9),
            (Rows{row(3), row(4)}));
  // Of the tables, behind a redo tail; one that is not there is no error.
  LedgerCommit less = Next();
  less.public_deletes = {{PublicKind::kRequest, {2}},
                         {PublicKind::kRequest, {7}}};
  ASSERT_THAT(Commit(less), IsOk());
  EXPECT_FALSE(store().GetPublic(PublicKind::kRequest, second)->has_value());
  EXPECT_TRUE(store().GetPublic(PublicKind::kSharing, second)->has_value());
  // And at once anew.
  LedgerCommit again = Next();
  again.public_inserts = {row(2)};
  ASSERT_THAT(Commit(again), IsOk());
  EXPECT_EQ(**store().GetPublic(PublicKind::kRequest, second), row(2));
  EXPECT_EQ(store().ListPublic(PublicKind::kRequest)->size(), 4U);
  LedgerCommit both = Next();
  both.public_deletes = {{PublicKind::kRequest, {2}}};
  both.public_inserts = {row(2)};
  ASSERT_THAT(Commit(both), IsOk());
  EXPECT_EQ(store().ListPublic(PublicKind::kRequest)->size(), 4U);
}

TEST_P(LedgerStoreConformance, EventsAndStopsComeInOrder) {
  LedgerCommit commit = Next();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    commit.events.push_back({i == 2 ? Raw(2) : Raw(1),
                             i,
                             7,
                             IdOf<PersonId>(1),
                             IdOf<RecordId>(1),
                             3,
                             {1}});
    commit.stops.push_back(
        {i, StopKind::kPaused, Raw(3), 4, absl::FromUnixMillis(1'000)});
  }
  ASSERT_THAT(Commit(commit), IsOk());
  const auto events = store().Events(Raw(1), 1, 10);
  ASSERT_EQ(events->size(), 2U);
  EXPECT_EQ((*events)[0], commit.events[2]);
  EXPECT_EQ((*events)[1].position, 4U);
  EXPECT_EQ(store().Events(Raw(1), 0, 1)->size(), 1U);
  const auto stops = store().Stops(2);
  ASSERT_EQ(stops->size(), 2U);
  EXPECT_EQ((*stops)[0], commit.stops[2]);
}

TEST_P(LedgerStoreConformance, ADonePlanDropsItsLeaves) {
  LedgerCommit commit = Next();
  for (std::uint64_t i = 1; i <= 5; ++i) commit.leaves.push_back({i, {9}});
  ASSERT_THAT(Commit(commit), IsOk());
  EXPECT_FALSE(store().LastPlan()->has_value());
  PlanRow plan{1, 3, 0, 64, {7}, false};
  ASSERT_THAT(store().PutPlan(head_.epoch, plan), IsOk());
  EXPECT_EQ(store().Leaves(1, 100)->size(), 5U);
  plan.done = true;
  ASSERT_THAT(store().PutPlan(head_.epoch, plan), IsOk());
  const auto left = store().Leaves(1, 100);
  ASSERT_EQ(left->size(), 2U);
  EXPECT_EQ((*left)[0], commit.leaves[3]);
  EXPECT_EQ(**store().LastPlan(), plan);
  EXPECT_EQ(**store().PlanFor(3), plan);
  EXPECT_FALSE(store().PlanFor(4)->has_value());
}

TEST_P(LedgerStoreConformance, ConcurrentLeadersNeverBothCommit) {
  if (testing::IsReopened(GetParam())) {
    GTEST_SKIP() << "a store cannot be reopened under threads that use it";
  }
  LedgerStore& shared = store();
  std::atomic<int> committed = 0;
  std::vector<std::thread> leaders;
  leaders.reserve(4);
  for (int i = 0; i < 4; ++i) {
    leaders.emplace_back([&shared, &committed] {
      for (int round = 0; round < 20; ++round) {
        LedgerCommit commit;
        commit.head = shared.TakeEpoch().value();
        ++commit.head.position;
        if (shared.Commit(commit).ok()) ++committed;
      }
    });
  }
  for (std::thread& leader : leaders) leader.join();
  const auto head = shared.TakeEpoch();
  EXPECT_EQ(head->position, static_cast<std::uint64_t>(committed.load()));
}

// Processes of their own would differ in nothing that the server sees.
TEST(PostgresLedger, LeadersInTwoProcessesNeverBothCommit) {
  LIMPID_NEEDS_POSTGRES();
  testing::PostgresStores stores;
  const auto other = stores.ledger_home().Open(LedgerMigrations());
  const auto others = MakeSqlLedgerStore(*other);
  std::atomic<int> committed = 0;
  std::vector<std::thread> leaders;
  leaders.reserve(4);
  for (LedgerStore* store :
       {&stores.ledger(), others.get(), &stores.ledger(), others.get()}) {
    leaders.emplace_back([store, &committed] {
      for (int round = 0; round < 20; ++round) {
        LedgerCommit commit;
        commit.head = store->TakeEpoch().value();
        ++commit.head.position;
        const absl::Status status = store->Commit(commit);
        if (status.ok()) ++committed;
        // Never a failure of the engine: the epoch was taken, or it was not.
        EXPECT_TRUE(status.ok() || absl::IsAborted(status)) << status;
      }
    });
  }
  for (std::thread& leader : leaders) leader.join();
  EXPECT_GT(committed, 0);
  EXPECT_EQ(others->TakeEpoch()->position,
            static_cast<std::uint64_t>(committed.load()));
}

INSTANTIATE_TEST_SUITE_P(
    Stores, LedgerStoreConformance,
    ::testing::Values(Backend::kMemory, Backend::kSqlCipher,
                      Backend::kSqlCipherReopened, Backend::kTailed,
                      Backend::kTailedReopened, Backend::kPostgres,
                      Backend::kPostgresReopened),
    [](const auto& which) { return testing::BackendName(which.param); });

}  // namespace
}  // namespace limpid::consent

// What the erasing of an account asks of LedgerStore: everything of one person,
// whatever its kind, by pages, and events that go. Against the stores of
// ledger_store_test.cc.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "consent/ledger/store.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/conformance/consent/ledger_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using testing::Backend;
using testing::IdOf;
using testing::Raw;
using testing::RowOfKind;

class PersonConformance : public testing::LedgerFixture {};

// All keys of a person, by pages of `limit`.
std::vector<RowKey> AllOf(const LedgerStore& store, std::uint8_t person,
                          std::size_t limit) {
  std::vector<RowKey> out;
  RowKey after{7, IdOf<PersonId>(person), static_cast<RowKind>(0), {}, 0};
  for (;;) {
    const auto page = store.ListPerson(after, limit);
    EXPECT_THAT(page, IsOk());
    if (!page.ok() || page->empty()) return out;
    EXPECT_LE(page->size(), limit);
    out.insert(out.end(), page->begin(), page->end());
    after = page->back();
  }
}

TEST_P(PersonConformance, ListsOnePersonOfEveryKindByPages) {
  LedgerCommit commit = Next();
  for (const unsigned kind : {1U, 4U, 5U, 9U, 200U, 255U}) {
    for (std::uint64_t i = 0; i < 3; ++i) {
      PersonalRow row =
          RowOfKind(static_cast<RowKind>(kind),
                    static_cast<std::uint8_t>(kind == 5 ? 0 : 3 - i), i);
      commit.inserts.push_back(row);
      // Somebody else in the same shard, and a row of hers that is elsewhere.
      row.key.person = IdOf<PersonId>(2);
      commit.inserts.push_back(row);
      row.key.person = IdOf<PersonId>(1);
      row.key.shard = 8;
      commit.inserts.push_back(row);
    }
  }
  ASSERT_THAT(Commit(commit), IsOk());
  std::vector<RowKey> want;
  for (const PersonalRow& row : commit.inserts) {
    if (row.key.shard == 7 && row.key.person == IdOf<PersonId>(1)) {
      want.push_back(row.key);
    }
  }
  std::sort(want.begin(), want.end());
  for (const std::size_t limit : {1U, 2U, 4U, 5U, 18U, 100U}) {
    EXPECT_EQ(AllOf(store(), 1, limit), want) << limit;
  }
  EXPECT_TRUE(AllOf(store(), 3, 10).empty());
  // Behind a whole kind, whose rows are passed over.
  RowKey last = want[0];
  last.kind = RowKind::kEntry;
  last.id = Raw(0xff);
  last.sequence = UINT64_MAX;
  const auto behind = store().ListPerson(last, 1);
  ASSERT_EQ(behind->size(), 1U);
  EXPECT_EQ(behind->front().kind, RowKind::kDeletionDuty);
  // What goes makes room on its page at once.
  commit = Next();
  commit.deletes = {want[0], want[1], want[3]};
  ASSERT_THAT(Commit(commit), IsOk());
  want.erase(want.begin() + 3);
  want.erase(want.begin(), want.begin() + 2);
  EXPECT_EQ(AllOf(store(), 1, 3), want);
  EXPECT_EQ(AllOf(store(), 2, 100).size(), 18U);
}

EventRow EventAt(std::uint64_t position, std::uint8_t service,
                 std::uint8_t person) {
  return {Raw(service),      position, 7,  IdOf<PersonId>(person),
          IdOf<RecordId>(1), 3,        {1}};
}

std::vector<std::uint64_t> PositionsOf(
    const absl::StatusOr<std::vector<EventRow>>& events) {
  std::vector<std::uint64_t> out;
  EXPECT_THAT(events, IsOk());
  if (!events.ok()) return out;
  for (const EventRow& row : *events) out.push_back(row.position);
  return out;
}

TEST_P(PersonConformance, EventsAboutAPersonComeNewestFirst) {
  using Positions = std::vector<std::uint64_t>;
  const auto ann = IdOf<PersonId>(1);
  LedgerCommit commit = Next();
  commit.events = {EventAt(1, 1, 1), EventAt(2, 2, 1), EventAt(3, 1, 2)};
  ASSERT_THAT(Commit(commit), IsOk());
  // Behind a redo tail the tables have these now, and not the next ones.
  ASSERT_THAT(store().Head(), IsOk());
  LedgerCommit more = Next();
  more.events = {EventAt(4, 2, 1), EventAt(5, 1, 1)};
  ASSERT_THAT(Commit(more), IsOk());
  EXPECT_EQ(PositionsOf(store().EventsAbout(ann, UINT64_MAX, 10)),
            (Positions{5, 4, 2, 1}));
  EXPECT_EQ(PositionsOf(store().EventsAbout(ann, 5, 2)), (Positions{4, 2}));
  EXPECT_EQ(PositionsOf(store().EventsAbout(ann, 2, 10)), (Positions{1}));
  EXPECT_EQ(store().EventsAbout(ann, 2, 10)->front(), commit.events[0]);
  EXPECT_TRUE(store().EventsAbout(ann, 1, 10)->empty());
  EXPECT_TRUE(store().EventsAbout(IdOf<PersonId>(3), 10, 10)->empty());
}

TEST_P(PersonConformance, ADeletedEventIsGoneFromEveryRead) {
  using Positions = std::vector<std::uint64_t>;
  const auto ann = IdOf<PersonId>(1);
  LedgerCommit commit = Next();
  commit.events = {EventAt(1, 1, 1), EventAt(2, 1, 1), EventAt(3, 2, 1),
                   EventAt(4, 1, 1)};
  ASSERT_THAT(Commit(commit), IsOk());
  ASSERT_THAT(store().Head(), IsOk());
  LedgerCommit more = Next();
  more.events = {EventAt(5, 1, 1), EventAt(6, 1, 1)};
  ASSERT_THAT(Commit(more), IsOk());
  LedgerCommit less = Next();
  // Of the tables, on its way, of another stream, and not there.
  less.event_deletes = {{Raw(1), 2}, {Raw(1), 5}, {Raw(1), 3}, {Raw(9), 9}};
  ASSERT_THAT(Commit(less), IsOk());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(PositionsOf(store().Events(Raw(1), 0, 10)), (Positions{1, 4, 6}));
    EXPECT_EQ(PositionsOf(store().Events(Raw(1), 1, 1)), (Positions{4}));
    EXPECT_EQ(PositionsOf(store().Events(Raw(1), 0, 2)), (Positions{1, 4}));
    EXPECT_EQ(PositionsOf(store().Events(Raw(2), 0, 10)), (Positions{3}));
    EXPECT_EQ(PositionsOf(store().EventsAbout(ann, 6, 2)), (Positions{4, 3}));
    EXPECT_EQ(PositionsOf(store().EventsAbout(ann, 100, 10)),
              (Positions{6, 4, 3, 1}));
    // And once the tables have it.
    ASSERT_THAT(store().Head(), IsOk());
  }
}

// An index row keeps its position when it moves: it can be older than what the
// tables have of the stream it comes to.
TEST_P(PersonConformance, AnEventMovesToAnotherStreamAtItsPlace) {
  using Positions = std::vector<std::uint64_t>;
  LedgerCommit commit = Next();
  commit.events = {EventAt(1, 1, 1), EventAt(2, 1, 1), EventAt(3, 2, 1)};
  ASSERT_THAT(Commit(commit), IsOk());
  ASSERT_THAT(store().Head(), IsOk());
  LedgerCommit move = Next();
  move.event_deletes = {{Raw(1), 2}};
  move.events = {EventAt(2, 2, 1)};
  ASSERT_THAT(Commit(move), IsOk());
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(PositionsOf(store().Events(Raw(1), 0, 10)), (Positions{1}));
    EXPECT_EQ(PositionsOf(store().Events(Raw(2), 0, 10)), (Positions{2, 3}));
    EXPECT_EQ(PositionsOf(store().Events(Raw(2), 0, 1)), (Positions{2}));
    EXPECT_EQ(PositionsOf(store().EventsAbout(IdOf<PersonId>(1), 10, 10)),
              (Positions{3, 2, 1}));
    // And once the tables have it.
    ASSERT_THAT(store().Head(), IsOk());
  }
}

INSTANTIATE_TEST_SUITE_P(
    Stores, PersonConformance,
    ::testing::Values(Backend::kMemory, Backend::kSqlCipher,
                      Backend::kSqlCipherReopened, Backend::kTailed,
                      Backend::kTailedReopened, Backend::kPostgres,
                      Backend::kPostgresReopened),
    [](const auto& which) { return testing::BackendName(which.param); });

}  // namespace
}  // namespace limpid::consent

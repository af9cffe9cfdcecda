// Where the rows of a person stand in a SQL database, and how those of an
// earlier schema get there, on both engines. docs/formats/row-places.md

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/storage/session.h"
#include "consent/ledger/memory_store.h"
#include "consent/store/person_rows.h"
#include "consent/store/places.h"
#include "consent/store/sql_ledger_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/places_fixture.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using storage::Session;
using storage::Value;
using testing::EarlierOf;
using testing::IdOf;
using testing::IdOfNumber;

constexpr RowKind kKinds[] = {
    RowKind::kAccount,     RowKind::kAccountKey, RowKind::kRecord,
    RowKind::kRevision,    RowKind::kEntry,      RowKind::kPseudonym,
    RowKind::kStanding,    RowKind::kDelegation, RowKind::kDeletionDuty,
    RowKind::kDenialTally, RowKind::kGrantPart,  RowKind::kCounted,
    RowKind::kBasisNotice, RowKind::kMove,       RowKind::kAskedQuestion};

using RowPlaces = testing::PlacesFixture;

// Rows of every kind of some persons: enough for several pages of a migration.
std::vector<PersonalRow> RowsOfEveryKind() {
  std::vector<PersonalRow> out;
  for (unsigned person = 1; person <= 40; ++person) {
    for (const RowKind kind : kKinds) {
      for (unsigned i = 0; i < 3; ++i) {
        PersonalRow row;
        row.key.shard = static_cast<std::uint16_t>(person % 5);
        row.key.person = IdOfNumber<PersonId>(person);
        row.key.kind = kind;
        const unsigned number = static_cast<unsigned>(kind) * 1'000 +
                                person * 10 + (kind == RowKind::kEntry ? 0 : i);
        row.key.id = IdOfNumber<PersonId>(number).bytes();
        if (kind == RowKind::kEntry) row.key.id = {};
        if (kind == RowKind::kAccount && i == 0) {
          row.key.id = row.key.person.bytes();
        } else {
          row.key.sequence = i;
        }
        if (i == 1) row.lookup = IdOfNumber<PersonId>(number).bytes();
        row.state = static_cast<std::uint8_t>(i);
        row.created_ms = 1'000 + person;
        if (i == 2) row.due_ms = 100 * person + static_cast<unsigned>(kind);
        row.payload = base::Bytes(person * 7, static_cast<std::uint8_t>(i));
        out.push_back(std::move(row));
      }
    }
  }
  return out;
}

// The statement of the earlier version, word for word.
absl::Status InsertAsBefore(storage::Database& database,
                            const std::vector<PersonalRow>& rows) {
  return database.Write([&](Session& session) {
    for (const PersonalRow& row : rows) {
      const auto done = session.Execute(
          "INSERT INTO personal (shard, person, kind, id, sequence, lookup, "
          "state, created, due, payload) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
          {std::int64_t{row.key.shard}, row.key.person.bytes(),
           static_cast<std::int64_t>(row.key.kind), row.key.id,
           static_cast<std::int64_t>(row.key.sequence),
           row.lookup ? Value(base::ByteView(*row.lookup)) : Value(),
           std::int64_t{row.state}, row.created_ms,
           row.due_ms == 0 ? Value() : Value(row.due_ms), row.payload});
      if (!done.ok()) return done.status();
    }
    return absl::OkStatus();
  });
}

// Every read of both stores answers the same.
void ExpectSame(const LedgerStore& store, const LedgerStore& want,
                const std::vector<PersonalRow>& rows) {
  for (const PersonalRow& row : rows) {
    EXPECT_EQ(*store.Get(row.key), row);
    if (row.lookup) {
      EXPECT_EQ(*store.Find(row.key.kind, *row.lookup), row);
    }
    RowKey below = row.key;
    below.sequence = INT64_MAX;
    EXPECT_EQ(*store.ListDown(below, 2), *want.ListDown(below, 2));
    EXPECT_EQ(*store.ListKind(row.key.shard, row.key.person, row.key.kind),
              *want.ListKind(row.key.shard, row.key.person, row.key.kind));
  }
  EXPECT_EQ(*store.Due(2'000, 1'000), *want.Due(2'000, 1'000));
  EXPECT_EQ(store.Due(INT64_MAX, 10'000)->size(),
            want.Due(INT64_MAX, 10'000)->size());
  for (const RowKind kind : kKinds) {
    EXPECT_EQ(*store.InState(kind, 2, {}, 10'000),
              *want.InState(kind, 2, {}, 10'000));
  }
}

TEST_P(RowPlaces, RowsOfAnEarlierVersionAreTheSameAfterwards) {
  Create(EarlierOf(LedgerMigrations()));
  const std::vector<PersonalRow> rows = RowsOfEveryKind();
  ASSERT_THAT(InsertAsBefore(*database_, rows), IsOk());
  MemoryLedgerStore want;
  LedgerCommit commit;
  commit.head = *want.TakeEpoch();
  commit.inserts = rows;
  ASSERT_THAT(want.Commit(commit), IsOk());

  ASSERT_THAT(Open(LedgerMigrations()), IsOk());
  auto store = MakeSqlLedgerStore(*database_);
  ExpectSame(*store, want, rows);
  EXPECT_FALSE(Execute("DELETE FROM personal", {}).ok());

  // And once more, with what comes after it: keys and lookups are taken.
  commit.head = *store->TakeEpoch();
  commit.inserts = {rows[0]};
  EXPECT_THAT(store->Commit(commit),
              StatusIs(absl::StatusCode::kAlreadyExists));
  PersonalRow same_lookup = rows[1];
  same_lookup.key.sequence = 77;
  commit.inserts = {same_lookup};
  EXPECT_THAT(store->Commit(commit),
              StatusIs(absl::StatusCode::kAlreadyExists));
  PersonalRow next = rows[0];
  next.key.kind = RowKind::kEntry;
  next.key.id = {};
  next.key.sequence = 3;
  commit.inserts = {next};
  ASSERT_THAT(store->Commit(commit), IsOk());
  store.reset();
  ASSERT_THAT(Open(LedgerMigrations()), IsOk());
  store = MakeSqlLedgerStore(*database_);
  EXPECT_EQ(**store->Get(next.key), next);
  EXPECT_EQ(
      store
          ->ListDown(
              {next.key.shard, next.key.person, RowKind::kEntry, {}, INT64_MAX},
              10)
          ->size(),
      4U);
}

TEST_P(RowPlaces, AMigrationThatFailsHalfWayChangesNothing) {
  Create(EarlierOf(LedgerMigrations()));
  const std::vector<PersonalRow> rows = RowsOfEveryKind();
  ASSERT_THAT(InsertAsBefore(*database_, rows), IsOk());
  std::vector<storage::Migration> failing = LedgerMigrations();
  failing.emplace_back().work = [](Session&) {
    return absl::UnavailableError("pulled plug");
  };
  EXPECT_THAT(Open(failing), StatusIs(absl::StatusCode::kUnavailable));
  // The earlier version still reads it.
  ASSERT_THAT(Open(EarlierOf(LedgerMigrations())), IsOk());
  EXPECT_EQ(Numbers("SELECT count(*) FROM personal"),
            std::vector<std::int64_t>{static_cast<std::int64_t>(rows.size())});
  ASSERT_THAT(Open(LedgerMigrations()), IsOk());
  const auto store = MakeSqlLedgerStore(*database_);
  for (const PersonalRow& row : rows) EXPECT_EQ(*store->Get(row.key), row);
  // Never back.
  EXPECT_THAT(Open(EarlierOf(LedgerMigrations())),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// At the last moment before it is committed, when all is moved.
TEST_P(RowPlaces, AMigrationThatIsKilledBeginsAgain) {
  if (on_server()) GTEST_SKIP() << "the server undoes what a client left";
  Create(EarlierOf(LedgerMigrations()));
  const std::vector<PersonalRow> rows = RowsOfEveryKind();
  ASSERT_THAT(InsertAsBefore(*database_, rows), IsOk());
  database_.reset();
  std::vector<storage::Migration> killed = LedgerMigrations();
  killed.emplace_back().work = [](Session&) -> absl::Status { _exit(9); };
  EXPECT_EXIT((void)Open(killed), ::testing::ExitedWithCode(9), "");
  ASSERT_THAT(Open(EarlierOf(LedgerMigrations())), IsOk());
  EXPECT_EQ(Numbers("SELECT count(*) FROM personal"),
            std::vector<std::int64_t>{static_cast<std::int64_t>(rows.size())});
  ASSERT_THAT(Open(LedgerMigrations()), IsOk());
  const auto store = MakeSqlLedgerStore(*database_);
  for (const PersonalRow& row : rows) EXPECT_EQ(*store->Get(row.key), row);
}

TEST_P(RowPlaces, WhatADecisionReadsStandsTogether) {
  Create(LedgerMigrations());
  const auto store = MakeSqlLedgerStore(*database_);
  LedgerCommit commit;
  commit.head = *store->TakeEpoch();
  commit.inserts = RowsOfEveryKind();
  // As they would come: not one person after the other.
  std::stable_sort(commit.inserts.begin(), commit.inserts.end(),
                   [](const PersonalRow& left, const PersonalRow& right) {
                     return left.key.kind < right.key.kind;
                   });
  ASSERT_THAT(store->Commit(commit), IsOk());
  // Account, three records, three delegations, and nothing else below zero.
  EXPECT_EQ(Numbers("SELECT count(*) FROM person_row WHERE place < 0"),
            std::vector<std::int64_t>{40 * 7});
  EXPECT_EQ(Numbers("SELECT count(*) FROM person_row "
                    "WHERE place < 0 AND (place < number * $1 + $2 "
                    "OR place >= (number + 1) * $1 + $2)",
                    {kSlots, kFirstPlace}),
            std::vector<std::int64_t>{0});
  EXPECT_EQ(Numbers("SELECT place - number * $1 FROM person_row "
                    "WHERE place < 0 AND number = 3 ORDER BY place",
                    {kSlots}),
            (std::vector<std::int64_t>{
                kFirstPlace, kFirstPlace + 1, kFirstPlace + 2, kFirstPlace + 3,
                kFirstPlace + 4, kFirstPlace + 5, kFirstPlace + 6}));
  // The others in the order in which they came, without gaps.
  const auto others = static_cast<std::int64_t>(commit.inserts.size()) - 40 * 7;
  EXPECT_EQ(Numbers("SELECT MAX(place) FROM person_row"),
            std::vector<std::int64_t>{others});
  if (on_server()) return;
  // SQLite orders the table by it.
  EXPECT_EQ(Numbers("SELECT count(*) FROM person_row WHERE rowid = place"),
            std::vector<std::int64_t>{
                static_cast<std::int64_t>(commit.inserts.size())});
}

TEST_P(RowPlaces, APersonWhosePlacesAreFullGoesOnAtTheEnd) {
  Create(LedgerMigrations());
  const auto store = MakeSqlLedgerStore(*database_);
  LedgerCommit commit;
  commit.head = *store->TakeEpoch();
  PersonalRow row;
  row.key = {1, IdOf<PersonId>(1), RowKind::kRecord, IdOf<RecordId>(1).bytes(),
             0};
  row.payload = {1};
  commit.inserts = {row};
  ASSERT_THAT(store->Commit(commit), IsOk());
  ASSERT_THAT(Execute("UPDATE person_row SET place = $1",
                      {PlaceOfPerson(1) + kSlots - 1}),
              IsOk());
  row.key.id = IdOf<RecordId>(2).bytes();
  row.lookup = row.key.id;
  commit.inserts = {row};
  ASSERT_THAT(store->Commit(commit), IsOk());
  EXPECT_EQ(Numbers("SELECT MAX(place) FROM person_row"),
            std::vector<std::int64_t>{1});
  EXPECT_EQ(**store->Get(row.key), row);
  EXPECT_EQ(**store->Find(RowKind::kRecord, *row.lookup), row);
  EXPECT_EQ(store->ListKind(1, IdOf<PersonId>(1), RowKind::kRecord)->size(),
            2U);
}

// Otherwise the next person would get the number, and the first her rows.
TEST_P(RowPlaces, ANumberGivenInVainIsForgotten) {
  Create(LedgerMigrations());
  const auto store = MakeSqlLedgerStore(*database_);
  LedgerCommit commit;
  commit.head = *store->TakeEpoch();
  PersonalRow ann;
  ann.key = {1, IdOf<PersonId>(1), RowKind::kEntry, {}, 1};
  commit.inserts = {ann, ann};
  EXPECT_THAT(store->Commit(commit),
              StatusIs(absl::StatusCode::kAlreadyExists));
  PersonalRow bob = ann;
  bob.key.person = IdOf<PersonId>(2);
  bob.payload = {2};
  commit.inserts = {bob};
  ASSERT_THAT(store->Commit(commit), IsOk());
  EXPECT_FALSE(store->Get(ann.key)->has_value());
  commit.inserts = {ann};
  ASSERT_THAT(store->Commit(commit), IsOk());
  EXPECT_EQ(**store->Get(ann.key), ann);
  EXPECT_EQ(**store->Get(bob.key), bob);
  EXPECT_EQ(Numbers("SELECT number FROM person ORDER BY number"),
            (std::vector<std::int64_t>{1, 2}));
}

// Persons come in another order than that of their ids.
TEST_P(RowPlaces, AStateIsWalkedInTheOrderOfIds) {
  Create(LedgerMigrations());
  const auto store = MakeSqlLedgerStore(*database_);
  MemoryLedgerStore want;
  LedgerCommit commit;
  commit.head = *store->TakeEpoch();
  ASSERT_THAT(want.TakeEpoch(), IsOk());
  commit.inserts = RowsOfEveryKind();
  ASSERT_THAT(store->Commit(commit), IsOk());
  ASSERT_THAT(want.Commit(commit), IsOk());
  for (const RowKind kind :
       {RowKind::kRecord, RowKind::kEntry, RowKind::kDeletionDuty}) {
    for (RowKey after;;) {
      const auto page = store->InState(kind, 2, after, 7);
      ASSERT_THAT(page, IsOk());
      EXPECT_EQ(*page, *want.InState(kind, 2, after, 7));
      if (page->size() < 7) break;
      after = page->back();
    }
    // Behind a row of another kind: all of its person's rows, or none.
    for (const RowKind other : {RowKind::kAccount, RowKind::kAskedQuestion}) {
      RowKey after = want.InState(kind, 2, {}, 5)->back();
      after.kind = other;
      EXPECT_EQ(*store->InState(kind, 2, after, 5),
                *want.InState(kind, 2, after, 5));
    }
  }
}

// A person's rows are hers in one shard, and nobody else's.
TEST_P(RowPlaces, RowsOfTwoPersonsNeverMix) {
  Create(LedgerMigrations());
  const auto store = MakeSqlLedgerStore(*database_);
  LedgerCommit commit;
  commit.head = *store->TakeEpoch();
  for (const std::uint8_t person : std::vector<std::uint8_t>{1, 2}) {
    for (const std::uint16_t shard : std::vector<std::uint16_t>{7, 8}) {
      for (const RowKind kind : {RowKind::kAccount, RowKind::kRecord,
                                 RowKind::kDelegation, RowKind::kEntry}) {
        PersonalRow row;
        row.key = {shard, IdOf<PersonId>(person), kind,
                   IdOf<PersonId>(person).bytes(), 0};
        row.payload = {person, static_cast<std::uint8_t>(shard)};
        commit.inserts.push_back(row);
      }
    }
  }
  ASSERT_THAT(store->Commit(commit), IsOk());
  for (const PersonalRow& row : commit.inserts) {
    EXPECT_EQ(**store->Get(row.key), row);
    EXPECT_EQ(*store->ListKind(row.key.shard, row.key.person, row.key.kind),
              std::vector<PersonalRow>{row});
    RowKey other = row.key;
    other.shard = 9;
    EXPECT_FALSE(store->Get(other)->has_value());
    // Each key is taken once, an account's too.
    LedgerCommit again;
    again.head = commit.head;
    again.inserts = {row};
    EXPECT_THAT(store->Commit(again),
                StatusIs(absl::StatusCode::kAlreadyExists));
  }
}

// The worked example of the format page.
TEST(Places, FollowTheFormat) {
  EXPECT_EQ(PlaceOfPerson(1), -4'611'686'018'410'610'688);
  EXPECT_EQ(PlaceOfPerson(kMostNumbers) + kSlots, 0);
  base::ByteArray<16> id{};
  for (std::uint8_t i = 0; i < 16; ++i) id[i] = i;
  EXPECT_EQ(KeyPlaceOf(PersonId(id)), 0x4080'C101'4181);
  id.fill(0xFF);
  EXPECT_EQ(KeyPlaceOf(PersonId(id)), (std::int64_t{1} << 62) - 1);
}

// What the engine says it will do, in its words.
std::string PlanOf(storage::Database& database, std::string_view sql,
                   std::initializer_list<Value> values, int column) {
  std::string out;
  EXPECT_THAT(database.Read([&](Session& session) {
    return session.Query(sql, values, [&](const storage::Row& row) {
      out.append(row.Text(column)).append("\n");
      return absl::OkStatus();
    });
  }),
              IsOk());
  return out;
}

// However many answered ones there are.
TEST_P(RowPlaces, DutiesThatWaitHaveAnIndexOfTheirOwn) {
  Create(LedgerMigrations());
  std::string sql = on_server() ? "EXPLAIN " : "EXPLAIN QUERY PLAN ";
  sql.append(kOpenDutiesSql);
  const auto person = IdOfNumber<PersonId>(1);
  const std::string plan =
      PlanOf(*database_, sql,
             {std::int64_t{3}, std::int64_t{0}, base::ByteView(person.bytes()),
              base::ByteView(), std::int64_t{-1}, std::int64_t{256}},
             on_server() ? 0 : 3);
  EXPECT_THAT(plan, ::testing::HasSubstr("person_row_open_duty"));
  EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("Sort")));
  EXPECT_THAT(plan, ::testing::Not(::testing::HasSubstr("TEMP B-TREE")));
}

INSTANTIATE_TEST_SUITE_P(Engines, RowPlaces, ::testing::Bool(),
                         [](const auto& which) {
                           return which.param ? "Postgres" : "SqlCipher";
                         });

}  // namespace
}  // namespace limpid::consent

// A restored store in which one person's rows do not open: everybody else's
// records are paused and answered for, and hers wait.

#include <filesystem>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "consent/consent_state.h"
#include "consent/ledger/absent_key.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::Released;
using testing::World;

class DamagedRestore : public ::testing::Test {
 protected:
  DamagedRestore() {
    hers_ = world_.Granted(ann_).revision.record;
    also_hers_ = world_.Granted(ann_).revision.record;
    his_ = world_.Granted(bob_).revision.record;
    // Something was stopped: a stop ledger that is lost is noticed.
    const RecordId ended = world_.Granted(bob_).revision.record;
    EXPECT_THAT(world_.consent().Withdraw(bob_.id, ended), IsOk());
  }

  std::vector<PersonalRow> RowsOf(RowKind kind) {
    return stores_.ledger()
        .ListKind(world_.consent().state().blinder.ShardOf(ann_.id), ann_.id,
                  kind)
        .value();
  }
  void Put(PersonalRow row) {
    LedgerCommit commit;
    commit.puts = {std::move(row)};
    commit.head = *stores_.ledger().Head();
    ASSERT_THAT(stores_.ledger().Commit(commit), IsOk());
  }
  // `rows` open no more, and the store starts as an older copy.
  void RestoreDamaged(const std::vector<PersonalRow>& rows) {
    world_.Stop();
    for (PersonalRow row : rows) {
      row.payload = {1, 2, 3};
      Put(std::move(row));
    }
    std::filesystem::remove(world_.stop_ledger_path());
    ASSERT_THAT(world_.TryStart(), IsOk());
  }
  void Heal(const PersonalRow& row) {
    world_.Stop();
    Put(row);
    ASSERT_THAT(world_.TryStart(), IsOk());
  }
  RecordState StateOf(const Citizen& who, const RecordId& record) {
    const auto shown = world_.consent().GetRecord(who.id, record);
    EXPECT_THAT(shown, IsOk());
    return shown.ok() ? shown->revision.state : RecordState::kDraft;
  }
  PersonalRow RowOf(const RecordId& record) {
    for (PersonalRow& row : RowsOf(RowKind::kRecord)) {
      if (row.key.id == record.bytes()) return std::move(row);
    }
    ADD_FAILURE() << "no such row";
    return {};
  }
  std::size_t Waiting() { return AbsentKeys(stores_.ledger()).value().size(); }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(11);
  Citizen bob_ = world_.NewCitizen(12);
  RecordId hers_;
  RecordId also_hers_;
  RecordId his_;
};

TEST_F(DamagedRestore, OneRecordKeepsNobodyElseClosed) {
  const PersonalRow damaged = RowOf(hers_);
  RestoreDamaged({damaged});
  EXPECT_EQ(StateOf(bob_, his_), RecordState::kPaused);
  EXPECT_EQ(StateOf(ann_, also_hers_), RecordState::kPaused);
  EXPECT_FALSE(Released(world_.Read(hers_)));
  EXPECT_EQ(world_.alarms().size(), 1U);
  EXPECT_EQ(Waiting(), 1U);
  // What she allows again stays so while the other one waits.
  ASSERT_THAT(world_.consent().Resume(ann_.id, also_hers_), IsOk());
  world_.Restart();
  EXPECT_EQ(StateOf(ann_, also_hers_), RecordState::kGranted);
  EXPECT_EQ(world_.alarms().size(), 1U) << "said once";
  EXPECT_EQ(Waiting(), 1U);
  // Opening in a running server it would come back as it was once granted.
  Put(damaged);
  EXPECT_FALSE(Released(world_.Read(hers_)));
  EXPECT_TRUE(Released(world_.Read(also_hers_)));
  // Found again by a start, it comes back paused, not granted.
  Heal(damaged);
  EXPECT_EQ(StateOf(ann_, hers_), RecordState::kPaused);
  EXPECT_EQ(Waiting(), 0U);
}

TEST_F(DamagedRestore, OneAccountKeepsNobodyElseClosed) {
  const auto accounts = RowsOf(RowKind::kAccount);
  ASSERT_EQ(accounts.size(), 1U);
  RestoreDamaged({accounts.front()});
  EXPECT_EQ(StateOf(bob_, his_), RecordState::kPaused);
  EXPECT_FALSE(Released(world_.Read(hers_)));
  EXPECT_FALSE(Released(world_.Read(also_hers_)));
  EXPECT_EQ(world_.alarms().size(), 1U);
  Put(accounts.front());
  EXPECT_FALSE(Released(world_.Read(hers_))) << "only a start pauses it";
  Heal(accounts.front());
  EXPECT_EQ(StateOf(ann_, hers_), RecordState::kPaused);
  EXPECT_EQ(StateOf(ann_, also_hers_), RecordState::kPaused);
}

// Nothing of hers was paused while she could not be read: a start in which only
// a part of hers opens pauses that part.
TEST_F(DamagedRestore, WhatOpensFirstComesBackPausedAndTheRestLater) {
  const PersonalRow account = RowsOf(RowKind::kAccount).front();
  const PersonalRow record = RowOf(hers_);
  RestoreDamaged({account, record});
  Heal(account);
  EXPECT_EQ(StateOf(ann_, also_hers_), RecordState::kPaused);
  EXPECT_FALSE(Released(world_.Read(also_hers_)));
  EXPECT_FALSE(Released(world_.Read(hers_)));
  EXPECT_EQ(Waiting(), 1U);
  ASSERT_THAT(world_.consent().Resume(ann_.id, also_hers_), IsOk());
  world_.Restart();
  EXPECT_EQ(StateOf(ann_, also_hers_), RecordState::kGranted);
  Heal(record);
  EXPECT_EQ(StateOf(ann_, hers_), RecordState::kPaused);
  EXPECT_EQ(Waiting(), 0U);
}

}  // namespace
}  // namespace limpid::consent

// The vocabulary of the tests of deletion duties: two persons, a service that
// owes them, and rows that are damaged.

#ifndef LIMPID_TESTS_UNIT_CONSENT_DUTY_FIXTURE_H_
#define LIMPID_TESTS_UNIT_CONSENT_DUTY_FIXTURE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/duty/duty_desk.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {

class DeletionDuty : public ::testing::Test {
 protected:
  static constexpr std::size_t kMany = 100;

  DutyDesk Desk() { return DutyDesk(world_.consent()); }
  std::vector<DutyView> Of(const testing::Citizen& citizen) {
    return Desk().ListDuties(citizen.id, std::nullopt).value().duties;
  }
  DutyPage OfService(bool answered_too = false) {
    return Desk()
        .ListServiceDuties(world_.service()->id, answered_too, 0, kMany)
        .value();
  }
  absl::StatusOr<DutyView> Acknowledge(const DutyId& duty) {
    return Desk().AcknowledgeDeletion(world_.service()->id, duty);
  }
  absl::StatusOr<DutyView> Refuse(const DutyId& duty, const std::string& why) {
    return Desk().RefuseDeletion(world_.service()->id, duty,
                                 RefusalReason::kLegalClaims, why);
  }
  DutyState StateOf(const DutyId& id) {
    for (const DutyView& view : Of(ann_)) {
      if (view.duty.id == id) return view.duty.state;
    }
    ADD_FAILURE() << "no such duty";
    return DutyState::kScheduled;
  }
  void MoveTo(absl::Time time) {
    world_.clock().Advance(time - world_.clock().Now());
  }
  // The duty of a record that was granted and withdrawn just now.
  Duty Withdrawn(const testing::Citizen& citizen) {
    const RecordView record = world_.Granted(citizen);
    EXPECT_THAT(
        world_.consent().Withdraw(citizen.id, record.revision.record).status(),
        limpid::testing::IsOk());
    return Desk()
        .ListDuties(citizen.id, record.revision.record)
        .value()
        .duties.at(0)
        .duty;
  }

  testing::MemoryStores stores_;
  testing::World world_{stores_};
  testing::Citizen ann_ = world_.NewCitizen(1);
  testing::Citizen bob_ = world_.NewCitizen(2);
};

class DamagedDuty : public DeletionDuty {
 protected:
  void Damage(const testing::Citizen& citizen, const DutyId& duty) {
    auto row = stores_.ledger().Find(RowKind::kDeletionDuty, duty.bytes());
    ASSERT_TRUE(row.ok() && row->has_value());
    ASSERT_EQ((*row)->key.person, citizen.id);
    (*row)->payload = {1, 2, 3};
    LedgerCommit commit;
    commit.head = *stores_.ledger().Head();
    commit.puts = {**row};
    ASSERT_THAT(stores_.ledger().Commit(commit), limpid::testing::IsOk());
  }
};

}  // namespace limpid::consent

#endif  // LIMPID_TESTS_UNIT_CONSENT_DUTY_FIXTURE_H_

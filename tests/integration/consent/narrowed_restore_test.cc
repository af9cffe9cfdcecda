// A narrowing, then an older store put back: what was taken away must not come
// back by a resume.

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/integration/consent/restore_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::Reason;

class NarrowedRestore : public testing::RestoreFixture {
 protected:
  void Narrow(const RecordId& id) {
    ASSERT_THAT(
        world_.consent().Narrow(ann_.id, id, {{"person.name"}, std::nullopt}),
        IsOk());
  }
};

TEST_F(NarrowedRestore, WhatWasTakenAwayStaysAway) {
  const RecordId id = world_.Granted(ann_).revision.record;
  Backup();
  Narrow(id);
  Restore();
  // The older store does not know what was taken away: nothing is in force.
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->state,
            RecordState::kInvalidated);
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kInvalidated);
  EXPECT_THAT(world_.consent().Resume(ann_.id, id),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST_F(NarrowedRestore, NarrowedAndThenWithdrawnIsWithdrawn) {
  const RecordId id = world_.Granted(ann_).revision.record;
  Backup();
  Narrow(id);
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
  Restore();
  EXPECT_EQ(world_.consent().GetRecord(ann_.id, id)->state,
            RecordState::kWithdrawn);
}

TEST_F(NarrowedRestore, ABackupMadeAfterwardsKeepsTheRest) {
  const RecordId id = world_.Granted(ann_).revision.record;
  Narrow(id);
  Backup();
  const RecordId other = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, other), IsOk());
  Restore();
  ASSERT_THAT(world_.consent().Resume(ann_.id, id), IsOk());
  EXPECT_EQ(world_.Read(id)->outcomes[0].reason, Reason::kReleased);
  EXPECT_EQ(world_.Read(id)->outcomes[1].reason, Reason::kNoConsent);
}

}  // namespace
}  // namespace limpid::consent

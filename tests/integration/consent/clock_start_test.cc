// A start whose clock cannot be believed: nothing is released, nothing ends,
// and nothing stays of it once the clock is right.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/guarded_clock.h"
#include "common/jose/tokens.h"
#include "consent/identity/person_tokens.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using receipt::Reason;
using testing::Citizen;
using testing::Released;
using testing::World;

constexpr absl::Duration kDay = absl::Hours(24);

// A start whose clock cannot be believed, in a world with two granted records.
class DoubtedStart : public ::testing::TestWithParam<testing::Backend> {
 protected:
  // Was off for `off` by a clock that is wrong by `error`.
  void StartAfter(absl::Duration off, absl::Duration error) {
    world_.Stop();
    known_ = world_.clock().Now();
    world_.clock().SetWall(known_ + off + error);
    ASSERT_THAT(world_.TryStartKnowing(known_), IsOk());
  }
  void ExpectNothingReleasedAndNothingEnded() {
    EXPECT_THAT(world_.Read(kept_), StatusIs(absl::StatusCode::kUnavailable));
    world_.consent().RunDue();
    const auto view = world_.consent().GetRecord(ann_.id, kept_);
    ASSERT_THAT(view, IsOk());
    EXPECT_EQ(view->revision.state, RecordState::kGranted);
  }
  void ExpectPutRight(absl::Duration off) {
    world_.clock().SetWall(known_ + off);
    EXPECT_TRUE(Released(world_.Read(kept_)));
    // Nothing in the store is later than the true time, for any start.
    ASSERT_THAT(world_.TryStartKnowing(known_ + off), IsOk());
    EXPECT_TRUE(Released(world_.Read(kept_)));
    EXPECT_EQ(world_.Read(withdrawn_)->outcomes[0].reason, Reason::kWithdrawn);
  }

  std::unique_ptr<testing::Stores> stores_ = testing::MakeStores(GetParam());
  World world_{*stores_};
  Citizen ann_ = world_.NewCitizen(1);
  const RecordId kept_ = world_.Granted(ann_).revision.record;
  const RecordId withdrawn_ = world_.Granted(ann_).revision.record;
  absl::Time known_;
};

TEST_P(DoubtedStart, TenYearsAheadEndsNothingAndIsForgotten) {
  StartAfter(kDay, 3650 * kDay);
  ExpectNothingReleasedAndNothingEnded();
  EXPECT_THAT(world_.consent().Withdraw(ann_.id, withdrawn_), IsOk());
  // Also over another start in doubt.
  world_.Stop();
  ASSERT_THAT(world_.TryStartKnowing(known_), IsOk());
  ExpectNothingReleasedAndNothingEnded();
  ExpectPutRight(kDay);
}

TEST_P(DoubtedStart, AYearBehindEndsNothingAndIsForgotten) {
  StartAfter(kDay, -365 * kDay);
  ExpectNothingReleasedAndNothingEnded();
  EXPECT_THAT(world_.consent().Withdraw(ann_.id, withdrawn_), IsOk());
  ExpectPutRight(kDay);
}

TEST_P(DoubtedStart, AWeekendOffIsNone) {
  StartAfter(3 * kDay, absl::ZeroDuration());
  EXPECT_TRUE(Released(world_.Read(kept_)));
  // What ends by the clock ends.
  StartAfter(5 * kDay, absl::ZeroDuration());
  EXPECT_TRUE(Released(world_.Read(kept_)));
  for (int week = 0; week < 5; ++week) {
    StartAfter(5 * kDay, absl::ZeroDuration());
  }
  world_.consent().RunDue();
  EXPECT_EQ(world_.Read(kept_)->outcomes[0].reason, Reason::kExpired);
}

TEST_P(DoubtedStart, ATokenAgreesWithTheMachineOrWithTheReckonedTime) {
  const auto token = [&](absl::Time now) {
    return jose::Mint(ann_.key,
                      jose::NewKeyBoundToken("limpid.example", "/m", now));
  };
  world_.Stop();
  known_ = world_.clock().Now();
  world_.clock().SetWall(known_ + 30 * kDay);
  base::GuardedClock guard(world_.clock());
  guard.Begin(known_, 5 * kDay);
  ASSERT_THAT(world_.TryStartKnowing(known_), IsOk());
  PersonTokens tokens(world_.consent(), guard);
  const std::string by_machine = token(world_.clock().Now());
  EXPECT_THAT(tokens.Authenticate(by_machine, "/m"), IsOk());
  EXPECT_THAT(tokens.Authenticate(by_machine, "/m"),
              StatusIs(absl::StatusCode::kUnauthenticated));
  const std::string reckoned = token(known_);
  EXPECT_THAT(tokens.Authenticate(reckoned, "/m"), IsOk());
  EXPECT_THAT(tokens.Authenticate(reckoned, "/m"),
              StatusIs(absl::StatusCode::kUnauthenticated));
  // One of neither, and one that an earlier process may have seen.
  EXPECT_THAT(tokens.Authenticate(token(known_ + 10 * kDay), "/m"),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(tokens.Authenticate(
                  token(world_.clock().Now() - absl::Seconds(10)), "/m"),
              StatusIs(absl::StatusCode::kUnauthenticated));
  // Once the clock is right, only that.
  world_.clock().SetWall(known_ + kDay);
  EXPECT_THAT(tokens.Authenticate(token(known_ + kDay), "/m"), IsOk());
  EXPECT_THAT(tokens.Authenticate(token(known_ + 30 * kDay), "/m"),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

INSTANTIATE_TEST_SUITE_P(Stores, DoubtedStart,
                         ::testing::ValuesIn(testing::Installed()),
                         [](const auto& which) {
                           return testing::BackendName(which.param);
                         });

}  // namespace
}  // namespace limpid::consent

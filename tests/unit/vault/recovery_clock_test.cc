// What a recovery's delay is worth when the clock is set.

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/guarded_clock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/recovery_fixture.h"
#include "vault/recovery/recovery_desk.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr auto kFailedPrecondition = absl::StatusCode::kFailedPrecondition;

// The same person behind a clock that is not taken at its word.
class RecoveryClockTest : public RecoveryDeskTest {
 protected:
  static constexpr absl::Duration kGap = absl::Hours(24 * 7);

  // As a start of the server does, which knows the time until `known`.
  void StartServer(absl::Time known) {
    run_desk_.reset();
    run_core_.reset();
    run_clock_ = std::make_unique<base::GuardedClock>(world_.clock);
    run_clock_->Begin(known, kGap);
    run_core_ = VaultCore::Open(
                    {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
                    {world_.keks, *world_.keys, *world_.store, *run_clock_})
                    .value();
    run_desk_.emplace(*run_core_, kDelay);
  }
  absl::Status TryStart() {
    return run_desk_->Start(world_.anna, id()).status();
  }
  absl::Status TryHandOut() {
    return run_desk_->HandOut(world_.anna, id()).status();
  }

  std::unique_ptr<base::GuardedClock> run_clock_;
  std::unique_ptr<VaultCore> run_core_;
  std::optional<RecoveryDesk> run_desk_;
};

TEST_F(RecoveryClockTest, AClockSetForwardShortensNothingWithinARun) {
  const absl::Time begun = world_.clock.Now();
  StartServer(begun);
  ASSERT_TRUE(run_clock_->Believed());
  ASSERT_THAT(TryStart(), IsOk());
  world_.clock.SetWall(begun + absl::Hours(100));
  EXPECT_THAT(TryHandOut(), StatusIs(kFailedPrecondition));
  world_.clock.Advance(kDelay - kTick);
  EXPECT_THAT(TryHandOut(), StatusIs(kFailedPrecondition));
  world_.clock.Advance(kTick);
  EXPECT_THAT(TryHandOut(), IsOk());
}

TEST_F(RecoveryClockTest, NoneIsStartedWhileTheClockIsInDoubt) {
  const absl::Time begun = world_.clock.Now();
  // The server stood still for longer than it may: what it reckons is far
  // behind, and would jump.
  StartServer(begun - 2 * kGap);
  ASSERT_FALSE(run_clock_->Believed());
  EXPECT_THAT(TryStart(), StatusIs(absl::StatusCode::kUnavailable));
  StartServer(begun);
  EXPECT_THAT(TryStart(), IsOk());
}

TEST_F(RecoveryClockTest, ARestartBelievesAMachineThatIsAheadWithinTheGap) {
  const absl::Time begun = world_.clock.Now();
  StartServer(begun);
  ASSERT_THAT(TryStart(), IsOk());
  // The limit that the page names: set forward, and restarted.
  world_.clock.SetWall(begun + kDelay);
  StartServer(begun);
  EXPECT_THAT(TryHandOut(), IsOk());
}

TEST_F(RecoveryClockTest, ARestartBeyondTheGapDoesNot) {
  const absl::Time begun = world_.clock.Now();
  StartServer(begun);
  ASSERT_THAT(TryStart(), IsOk());
  world_.clock.SetWall(begun + kGap + absl::Hours(1));
  StartServer(begun);
  EXPECT_THAT(TryHandOut(), StatusIs(kFailedPrecondition));
}

}  // namespace
}  // namespace limpid::vault

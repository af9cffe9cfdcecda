#include "consent/record/state.h"

#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::StatusIs;
using State = RecordState;
using Event = RecordEvent;

// Written from section 2 of the design, not from the code.
const std::map<std::pair<State, Event>, State>& Moves() {
  static const std::map<std::pair<State, Event>, State> kMoves = {
      {{State::kDraft, Event::kRequest}, State::kRequested},
      {{State::kRequested, Event::kGrant}, State::kGranted},
      {{State::kRequested, Event::kSignInPart}, State::kAwaitingOthers},
      {{State::kRequested, Event::kRefuse}, State::kRefused},
      {{State::kRequested, Event::kDefer}, State::kDeferred},
      {{State::kRequested, Event::kLapse}, State::kLapsed},
      {{State::kDeferred, Event::kGrant}, State::kGranted},
      {{State::kDeferred, Event::kSignInPart}, State::kAwaitingOthers},
      {{State::kDeferred, Event::kRefuse}, State::kRefused},
      {{State::kDeferred, Event::kLapse}, State::kLapsed},
      {{State::kAwaitingOthers, Event::kGrant}, State::kGranted},
      {{State::kAwaitingOthers, Event::kSignInPart}, State::kAwaitingOthers},
      {{State::kAwaitingOthers, Event::kRefuse}, State::kRefused},
      {{State::kAwaitingOthers, Event::kLapse}, State::kLapsed},
      {{State::kGranted, Event::kPause}, State::kPaused},
      {{State::kGranted, Event::kRestore}, State::kPaused},
      {{State::kGranted, Event::kWithdraw}, State::kWithdrawn},
      {{State::kGranted, Event::kRevoke}, State::kRevoked},
      {{State::kGranted, Event::kExpire}, State::kExpired},
      {{State::kGranted, Event::kExhaust}, State::kExhausted},
      {{State::kGranted, Event::kInvalidate}, State::kInvalidated},
      {{State::kGranted, Event::kSupersede}, State::kSuperseded},
      {{State::kGranted, Event::kTerminate}, State::kTerminated},
      {{State::kGranted, Event::kNarrow}, State::kGranted},
      {{State::kPaused, Event::kNarrow}, State::kPaused},
      {{State::kPaused, Event::kResume}, State::kGranted},
      {{State::kPaused, Event::kWithdraw}, State::kWithdrawn},
      {{State::kPaused, Event::kRevoke}, State::kRevoked},
      {{State::kPaused, Event::kExpire}, State::kExpired},
      {{State::kPaused, Event::kExhaust}, State::kExhausted},
      {{State::kPaused, Event::kInvalidate}, State::kInvalidated},
      {{State::kPaused, Event::kSupersede}, State::kSuperseded},
      {{State::kPaused, Event::kTerminate}, State::kTerminated},
  };
  return kMoves;
}

TEST(RecordState, EveryStateWithEveryEvent) {
  ASSERT_EQ(kAllStates.size(), 15U);
  ASSERT_EQ(kAllEvents.size(), 17U);
  for (const State from : kAllStates) {
    for (const Event event : kAllEvents) {
      SCOPED_TRACE(std::string(StateName(from)) + " " +
                   std::string(EventName(event)));
      const auto to = Advance(from, event);
      const auto want = Moves().find({from, event});
      if (want != Moves().end()) {
        ASSERT_TRUE(to.ok());
        EXPECT_EQ(*to, want->second);
        continue;
      }
      EXPECT_THAT(to, StatusIs(absl::StatusCode::kFailedPrecondition));
      EXPECT_NE(std::string(to.status().message()).find(StateName(from)),
                std::string::npos);
    }
  }
}

TEST(RecordState, FinalStatesAreThoseFromRefusedOn) {
  for (const State state : kAllStates) {
    EXPECT_EQ(IsFinal(state), state >= State::kRefused) << StateName(state);
  }
}

TEST(RecordState, OnlyRecordsInForceExpire) {
  for (const State state : kAllStates) {
    EXPECT_EQ(IsInForce(state),
              state == State::kGranted || state == State::kPaused);
    EXPECT_EQ(AwaitsAnswer(state), state == State::kRequested ||
                                       state == State::kDeferred ||
                                       state == State::kAwaitingOthers);
  }
}

TEST(RecordState, EveryNumberHasOneStateAndOneName) {
  std::set<std::string_view> names;
  for (const State state : kAllStates) {
    names.insert(StateName(state));
    EXPECT_EQ(ParseState(static_cast<std::uint8_t>(state)).value(), state);
  }
  EXPECT_EQ(names.size(), kAllStates.size());
  EXPECT_THAT(ParseState(0), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseState(16), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(RecordState, EveryEndOfAPermissionIsAStop) {
  for (const Event event : kAllEvents) {
    const auto to = Advance(State::kGranted, event);
    if (!to.ok()) continue;
    // Expiry is decided anew at every use; a restore is itself the answer to
    // the ledger.
    const bool exempt = event == Event::kExpire || event == Event::kRestore;
    EXPECT_EQ(IsStop(event), !exempt) << EventName(event);
  }
}

}  // namespace
}  // namespace limpid::consent

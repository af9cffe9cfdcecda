#include "consent/record/state.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::consent {
namespace {

using State = RecordState;
using Event = RecordEvent;

struct Move {
  Event event;
  State to;
};

// Section 2 of consent.md, a line per state. Final states have none.
std::optional<State> Find(std::initializer_list<Move> moves, Event event) {
  for (const Move& move : moves) {
    if (move.event == event) return move.to;
  }
  return std::nullopt;
}

std::optional<State> FromRequested(Event event) {
  return Find({{Event::kGrant, State::kGranted},
               {Event::kSignInPart, State::kAwaitingOthers},
               {Event::kRefuse, State::kRefused},
               {Event::kDefer, State::kDeferred},
               {Event::kLapse, State::kLapsed}},
              event);
}

std::optional<State> FromDeferred(Event event) {
  return Find({{Event::kGrant, State::kGranted},
               {Event::kSignInPart, State::kAwaitingOthers},
               {Event::kRefuse, State::kRefused},
               {Event::kLapse, State::kLapsed}},
              event);
}

std::optional<State> FromAwaitingOthers(Event event) {
  return Find({{Event::kGrant, State::kGranted},
               {Event::kSignInPart, State::kAwaitingOthers},
               {Event::kRefuse, State::kRefused},
               {Event::kLapse, State::kLapsed}},
              event);
}

std::optional<State> EndOf(Event event) {
  return Find({{Event::kWithdraw, State::kWithdrawn},
               {Event::kRevoke, State::kRevoked},
               {Event::kExpire, State::kExpired},
               {Event::kExhaust, State::kExhausted},
               {Event::kInvalidate, State::kInvalidated},
               {Event::kSupersede, State::kSuperseded},
               {Event::kTerminate, State::kTerminated}},
              event);
}

std::optional<State> Target(State from, Event event) {
  switch (from) {
    case State::kDraft:
      return Find({{Event::kRequest, State::kRequested}}, event);
    case State::kRequested:
      return FromRequested(event);
    case State::kDeferred:
      return FromDeferred(event);
    case State::kAwaitingOthers:
      return FromAwaitingOthers(event);
    case State::kGranted:
      if (event == Event::kPause || event == Event::kRestore) {
        return State::kPaused;
      }
      if (event == Event::kNarrow) return State::kGranted;
      return EndOf(event);
    case State::kPaused:
      if (event == Event::kResume) return State::kGranted;
      if (event == Event::kNarrow) return State::kPaused;
      return EndOf(event);
    case State::kRefused:
    case State::kLapsed:
    case State::kWithdrawn:
    case State::kRevoked:
    case State::kExpired:
    case State::kExhausted:
    case State::kInvalidated:
    case State::kSuperseded:
    case State::kTerminated:
      return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::string_view StateName(RecordState state) {
  switch (state) {
    case State::kDraft:
      return "DRAFT";
    case State::kRequested:
      return "REQUESTED";
    case State::kDeferred:
      return "DEFERRED";
    case State::kAwaitingOthers:
      return "AWAITING_OTHERS";
    case State::kGranted:
      return "GRANTED";
    case State::kPaused:
      return "PAUSED";
    case State::kRefused:
      return "REFUSED";
    case State::kLapsed:
      return "LAPSED";
    case State::kWithdrawn:
      return "WITHDRAWN";
    case State::kRevoked:
      return "REVOKED";
    case State::kExpired:
      return "EXPIRED";
    case State::kExhausted:
      return "EXHAUSTED";
    case State::kInvalidated:
      return "INVALIDATED";
    case State::kSuperseded:
      return "SUPERSEDED";
    case State::kTerminated:
      return "TERMINATED";
  }
  return "UNKNOWN";
}

std::string_view EventName(RecordEvent event) {
  switch (event) {
    case Event::kRequest:
      return "REQUEST";
    case Event::kGrant:
      return "GRANT";
    case Event::kSignInPart:
      return "SIGN_IN_PART";
    case Event::kRefuse:
      return "REFUSE";
    case Event::kDefer:
      return "DEFER";
    case Event::kLapse:
      return "LAPSE";
    case Event::kPause:
      return "PAUSE";
    case Event::kRestore:
      return "RESTORE";
    case Event::kResume:
      return "RESUME";
    case Event::kWithdraw:
      return "WITHDRAW";
    case Event::kRevoke:
      return "REVOKE";
    case Event::kExpire:
      return "EXPIRE";
    case Event::kExhaust:
      return "EXHAUST";
    case Event::kInvalidate:
      return "INVALIDATE";
    case Event::kSupersede:
      return "SUPERSEDE";
    case Event::kTerminate:
      return "TERMINATE";
    case Event::kNarrow:
      return "NARROW";
  }
  return "UNKNOWN";
}

absl::StatusOr<RecordState> ParseState(std::uint8_t number) {
  for (const RecordState state : kAllStates) {
    if (static_cast<std::uint8_t>(state) == number) return state;
  }
  return absl::InvalidArgumentError("no record state has this number");
}

absl::StatusOr<RecordState> Advance(RecordState from, RecordEvent event) {
  const std::optional<State> to = Target(from, event);
  if (to) return *to;
  return absl::FailedPreconditionError(
      absl::StrCat("the record is ", base::ToAbsl(StateName(from)), ": ",
                   base::ToAbsl(EventName(event)), " is not possible"));
}

bool IsFinal(RecordState state) {
  return std::none_of(
      kAllEvents.begin(), kAllEvents.end(),
      [state](Event event) { return Target(state, event).has_value(); });
}

bool AwaitsAnswer(RecordState state) {
  return Target(state, Event::kLapse).has_value();
}

bool IsInForce(RecordState state) {
  return Target(state, Event::kExpire).has_value();
}

receipt::AccessKind KindOf(RecordEvent event) {
  using receipt::AccessKind;
  switch (event) {
    case Event::kRequest:
      return AccessKind::kRequested;
    case Event::kGrant:
      return AccessKind::kGranted;
    case Event::kSignInPart:  // Not decided yet; the state tells the rest.
    case Event::kDefer:
      return AccessKind::kDeferred;
    case Event::kRefuse:
      return AccessKind::kRefused;
    case Event::kLapse:
      return AccessKind::kLapsed;
    case Event::kPause:
      return AccessKind::kPaused;
    case Event::kRestore:
      return AccessKind::kRestored;
    case Event::kResume:
      return AccessKind::kResumed;
    case Event::kWithdraw:
      return AccessKind::kWithdrawn;
    case Event::kRevoke:
      return AccessKind::kRevoked;
    case Event::kExpire:
      return AccessKind::kExpired;
    case Event::kExhaust:
      return AccessKind::kExhausted;
    case Event::kInvalidate:
      return AccessKind::kInvalidated;
    case Event::kSupersede:
      return AccessKind::kSuperseded;
    case Event::kTerminate:
      return AccessKind::kTerminated;
    case Event::kNarrow:
      return AccessKind::kNarrowed;
  }
  return AccessKind::kTerminated;
}

bool IsStop(RecordEvent event) {
  switch (event) {
    case Event::kPause:
    case Event::kWithdraw:
    case Event::kRevoke:
    case Event::kExhaust:
    case Event::kInvalidate:
    case Event::kSupersede:
    case Event::kTerminate:
    case Event::kNarrow:
      return true;
    case Event::kRequest:
    case Event::kGrant:
    case Event::kSignInPart:
    case Event::kRefuse:
    case Event::kDefer:
    case Event::kLapse:
    case Event::kRestore:
    case Event::kResume:
    case Event::kExpire:  // Decided anew from the clock at every use.
      return false;
  }
  return true;
}

}  // namespace limpid::consent

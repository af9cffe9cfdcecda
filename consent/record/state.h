// The states of a consent record and the only moves between them, as one
// table. Knows nothing of who may cause a move or why.

#ifndef LIMPID_CONSENT_RECORD_STATE_H_
#define LIMPID_CONSENT_RECORD_STATE_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/receipt/access_entry.h"

namespace limpid::consent {

// Stored and signed: append, never renumber. From kRefused on final.
enum class RecordState : std::uint8_t {
  kDraft = 1,
  kRequested = 2,
  kDeferred = 3,
  kAwaitingOthers = 4,
  kGranted = 5,
  kPaused = 6,
  kRefused = 7,
  kLapsed = 8,
  kWithdrawn = 9,
  kRevoked = 10,
  kExpired = 11,
  kExhausted = 12,
  kInvalidated = 13,
  kSuperseded = 14,
  kTerminated = 15,
};

inline constexpr std::array kAllStates = {
    RecordState::kDraft,       RecordState::kRequested,
    RecordState::kDeferred,    RecordState::kAwaitingOthers,
    RecordState::kGranted,     RecordState::kPaused,
    RecordState::kRefused,     RecordState::kLapsed,
    RecordState::kWithdrawn,   RecordState::kRevoked,
    RecordState::kExpired,     RecordState::kExhausted,
    RecordState::kInvalidated, RecordState::kSuperseded,
    RecordState::kTerminated,
};

// What can happen to a record. Not stored: the revision stores the kind.
enum class RecordEvent : std::uint8_t {
  // The person bound the request.
  kRequest,
  kGrant,
  // One of several representatives signed, others must still.
  kSignInPart,
  kRefuse,
  kDefer,
  // Nobody answered in time.
  kLapse,
  kPause,
  // The store came back from an older copy; consent.md section 4.
  kRestore,
  kResume,
  kWithdraw,
  kRevoke,
  kExpire,
  kExhaust,
  kInvalidate,
  kSupersede,
  kTerminate,
  // The person took lines or time away; the state stays.
  kNarrow,
};

inline constexpr std::array kAllEvents = {
    RecordEvent::kRequest,   RecordEvent::kGrant,      RecordEvent::kSignInPart,
    RecordEvent::kRefuse,    RecordEvent::kDefer,      RecordEvent::kLapse,
    RecordEvent::kPause,     RecordEvent::kRestore,    RecordEvent::kResume,
    RecordEvent::kWithdraw,  RecordEvent::kRevoke,     RecordEvent::kExpire,
    RecordEvent::kExhaust,   RecordEvent::kInvalidate, RecordEvent::kSupersede,
    RecordEvent::kTerminate, RecordEvent::kNarrow,
};

// "GRANTED", …
std::string_view StateName(RecordState state);
// "WITHDRAW", …
std::string_view EventName(RecordEvent event);

// Errors:
//   kInvalidArgument  no state has this number.
absl::StatusOr<RecordState> ParseState(std::uint8_t number);

// The state that `event` leads to.
//
// Errors:
//   kFailedPrecondition  the table has no such move; the message names `from`.
absl::StatusOr<RecordState> Advance(RecordState from, RecordEvent event);

// Whether no event leads out of it.
[[nodiscard]] bool IsFinal(RecordState state);

// Whether it waits for the person's answer and lapses without one.
[[nodiscard]] bool AwaitsAnswer(RecordState state);

// Whether it is granted or paused, and so has a validity that can end.
[[nodiscard]] bool IsInForce(RecordState state);

// The kind under which access entries and revisions log the event.
receipt::AccessKind KindOf(RecordEvent event);

// Whether the event ends or narrows a permission and therefore goes to the
// stop ledger before it is answered.
[[nodiscard]] bool IsStop(RecordEvent event);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_STATE_H_

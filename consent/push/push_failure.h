// What an answer to a pushed event means, and when to try again. Values and
// pure functions. docs/formats/push.md, RFC 8935 sections 2.3 and 2.4

#ifndef LIMPID_CONSENT_PUSH_PUSH_FAILURE_H_
#define LIMPID_CONSENT_PUSH_PUSH_FAILURE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/push/push_transport.h"

namespace limpid::consent {

inline constexpr absl::Duration kFirstPushWait = absl::Seconds(1);
// An endpoint that is back waits no longer than this.
inline constexpr absl::Duration kLongestPushWait = absl::Hours(1);
// A long weekend.
inline constexpr absl::Duration kPushLife = absl::Hours(72);

// Why an attempt failed. Stored and sent: append, never renumber.
enum class PushFailure : std::uint8_t {
  kNone = 0,
  kUnreachable = 1,
  kTimeout = 2,
  kTls = 3,
  // The name resolves to an address that is not public.
  kAddress = 4,
  kRedirect = 5,
  kNotAuthorised = 6,
  kClientError = 7,
  kServerError = 8,
  // The service does not want this event: trying again cannot help.
  kRejected = 9,
  kUnexpected = 10,
};

// What the service called it, RFC 8935 section 2.4. Stored and sent: append,
// never renumber.
enum class PushRejection : std::uint8_t {
  kNone = 0,
  kInvalidRequest = 1,
  kInvalidKey = 2,
  kInvalidIssuer = 3,
  kInvalidAudience = 4,
  kAuthenticationFailed = 5,
  kAccessDenied = 6,
  kOther = 7,
};

inline constexpr std::uint8_t kLastPushFailure = 10;
inline constexpr std::uint8_t kLastPushRejection = 7;

struct PushVerdict {
  // kNone: acknowledged.
  PushFailure failure = PushFailure::kNone;
  PushRejection rejection = PushRejection::kNone;

  [[nodiscard]] bool acknowledged() const {
    return failure == PushFailure::kNone;
  }
  [[nodiscard]] bool final() const { return failure == PushFailure::kRejected; }

  friend bool operator==(const PushVerdict&, const PushVerdict&) = default;
};

// What an attempt came to: an answer, or one of PushChannel::Post's errors.
PushVerdict JudgePush(const absl::StatusOr<PushAnswer>& answer);

// How long to wait after `failure_count` failures in a row (from 1). `random`
// is uniform over its range and spreads services that failed together.
absl::Duration PushWait(std::uint32_t failure_count, std::uint32_t random);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_FAILURE_H_

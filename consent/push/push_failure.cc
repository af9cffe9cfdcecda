#include "consent/push/push_failure.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/json/json.h"

namespace limpid::consent {
namespace {

constexpr int kAccepted = 202;
constexpr int kBadRequest = 400;
constexpr int kUnauthorised = 401;
constexpr int kForbidden = 403;
// Gone, content too large, unsupported media type, unprocessable content.
constexpr std::array kHopeless = {410, 413, 415, 422};
// Beyond 2^12 s the longest wait holds.
constexpr std::uint32_t kMaxDoublings = 12;

constexpr std::array<std::pair<std::string_view, PushRejection>, 6>
    kRejections = {{
        {"invalid_request", PushRejection::kInvalidRequest},
        {"invalid_key", PushRejection::kInvalidKey},
        {"invalid_issuer", PushRejection::kInvalidIssuer},
        {"invalid_audience", PushRejection::kInvalidAudience},
        {"authentication_failed", PushRejection::kAuthenticationFailed},
        {"access_denied", PushRejection::kAccessDenied},
    }};

PushFailure FailureOf(const absl::Status& status) {
  if (absl::IsDeadlineExceeded(status)) return PushFailure::kTimeout;
  if (absl::IsFailedPrecondition(status)) return PushFailure::kTls;
  if (absl::IsPermissionDenied(status)) return PushFailure::kAddress;
  return PushFailure::kUnreachable;
}

PushRejection RejectionOf(const std::string& body) {
  const auto value = json::ParseStrict(body);
  if (!value.ok() || !value->is_object()) return PushRejection::kNone;
  const auto name = value->GetString("err");
  if (!name.ok()) return PushRejection::kNone;
  for (const auto& [known, rejection] : kRejections) {
    if (*name == known) return rejection;
  }
  return PushRejection::kOther;
}

PushVerdict JudgeBadRequest(const std::string& body) {
  const PushRejection rejection = RejectionOf(body);
  // These two are about the connection, not about the event.
  const bool may_pass = rejection == PushRejection::kAuthenticationFailed ||
                        rejection == PushRejection::kAccessDenied;
  return {may_pass ? PushFailure::kNotAuthorised : PushFailure::kRejected,
          rejection};
}

PushFailure FailureOf(int status) {
  constexpr int kClass = 100;
  if (std::find(kHopeless.begin(), kHopeless.end(), status) !=
      kHopeless.end()) {
    return PushFailure::kRejected;
  }
  if (status == kUnauthorised || status == kForbidden) {
    return PushFailure::kNotAuthorised;
  }
  switch (status / kClass) {
    case 3:
      return PushFailure::kRedirect;
    case 4:
      return PushFailure::kClientError;
    case 5:
      return PushFailure::kServerError;
    default:
      return PushFailure::kUnexpected;
  }
}

}  // namespace

PushVerdict JudgePush(const absl::StatusOr<PushAnswer>& answer) {
  if (!answer.ok()) return {FailureOf(answer.status()), PushRejection::kNone};
  if (answer->status == kAccepted) return {};
  if (answer->status == kBadRequest) return JudgeBadRequest(answer->body);
  return {FailureOf(answer->status), PushRejection::kNone};
}

absl::Duration PushWait(std::uint32_t failure_count, std::uint32_t random) {
  const std::uint32_t doublings =
      std::min(std::max(failure_count, 1U) - 1, kMaxDoublings);
  const absl::Duration longest = std::min(
      kLongestPushWait, kFirstPushWait * (std::uint32_t{1} << doublings));
  const double fraction =
      static_cast<double>(random) / static_cast<double>(UINT32_MAX);
  return longest / 2 + longest * (fraction / 2);
}

}  // namespace limpid::consent

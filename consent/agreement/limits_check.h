// Checks the limits of an agreement's content: atomic lines, frequency, range
// of the data. Apart from content_check.cc because they speak of several fields
// at once.

#ifndef LIMPID_CONSENT_AGREEMENT_LIMITS_CHECK_H_
#define LIMPID_CONSENT_AGREEMENT_LIMITS_CHECK_H_

#include <set>

#include "absl/status/status.h"
#include "consent/agreement/agreement.h"
#include "consent/ids.h"

namespace limpid::consent {

// A period is long enough to mean something and ends within a validity.
inline constexpr std::uint32_t kMinPeriodSeconds = 60;
inline constexpr std::uint32_t kMaxPeriodSeconds = 366 * 24 * 3'600;

// Part of CheckContent.
//
// Errors:
//   kInvalidArgument  the message names the field's path.
absl::Status CheckLimits(const AgreementContent& content);

// Whether what is asked can be had of `sources`.
//
// Errors:
//   kFailedPrecondition  a line names another source, or there is a limit that
//                        none of ours can keep for a line; the message names
//                        the path.
absl::Status CheckSources(const AgreementContent& content,
                          const std::set<SourceId>& sources);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_LIMITS_CHECK_H_

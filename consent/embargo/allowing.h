// Which agreements may delay telling the person of an access, and for how long.
// docs/adr/2026-11-29-embargo.md

#ifndef LIMPID_CONSENT_EMBARGO_ALLOWING_H_
#define LIMPID_CONSENT_EMBARGO_ALLOWING_H_

#include <cstdint>

#include "absl/status/status.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service.h"

namespace limpid::consent {

// Checks what an embargo may stand with. Whether the service was given one is
// CheckCeiling's.
//
// Errors:
//   kInvalidArgument  over receipt::kMaxEmbargoDays; under another basis than a
//                     legal obligation or a public task, the two that a law
//                     lays down (GDPR Articles 6(3) and 23); or beside
//                     something that tells of each access.
absl::Status CheckEmbargo(const AgreementContent& content);

// For how many days an access under `agreement` is not told of now; 0 for told
// at once. What was taken from `service` counts at once.
[[nodiscard]] std::uint16_t EmbargoDaysOf(const Agreement& agreement,
                                          const Service& service);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_EMBARGO_ALLOWING_H_

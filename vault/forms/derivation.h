// Derivations: named, versioned, pure functions that answer a question about a
// value without showing it. Parameters come from the agreement line, through
// the permit, never from a request. A derivation never changes: a correction is
// the next version.

#ifndef LIMPID_VAULT_FORMS_DERIVATION_H_
#define LIMPID_VAULT_FORMS_DERIVATION_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/json/value.h"

namespace limpid::vault {

// Whether `name` ("over_n/1") is a derivation this vault can make.
[[nodiscard]] bool IsDerivation(std::string_view name);

// Whether `parameters` fit the derivation, for whoever writes an agreement.
//
// Errors:
//   kInvalidArgument  unknown derivation, or parameters out of range; the
//                     message names the member.
absl::Status CheckParameters(std::string_view name,
                             const json::Value& parameters);

// The answer at `now`.
//
// Errors:
//   kInvalidArgument     as CheckParameters.
//   kFailedPrecondition  the value is not what the derivation is about.
absl::StatusOr<json::Value> Derive(std::string_view name,
                                   const json::Value& value,
                                   const json::Value& parameters,
                                   absl::Time now);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_FORMS_DERIVATION_H_

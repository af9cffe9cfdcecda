// has_entitlement/1: whether a person meets every condition of something she
// may be entitled to, without showing what any of them is about.
//
// It is asked of several attributes at once: each is a line of the agreement
// with this derivation and the same parameters, and all of them have to be in
// one permit. Parameters: {"name": "energy-allowance-2026", "needs":
// {"<attribute>": <test>, ...}}, 2 to 8 attributes with one test each:
//   {"at_least": whole number} or {"at_most": whole number}, of a number; of an
//     amount of money with "currency": three capital letters (ISO 4217)
//   {"age_at_least": 1 to 150} or {"age_at_most": 0 to 149}, of a date of birth
//   {"is": 1 to 120 bytes}, of a text: equal but for ASCII case and spaces
//     around it
//   {"is": true or false}
// Answer, the same in every line: true or false. One test of an attribute and
// no two bounds: what lies between them would come close to the value.

#ifndef LIMPID_VAULT_FORMS_ENTITLEMENT_H_
#define LIMPID_VAULT_FORMS_ENTITLEMENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/json/value.h"

namespace limpid::vault {

inline constexpr std::string_view kHasEntitlement1 = "has_entitlement/1";

// As CheckParameters of derivation.h.
absl::Status CheckEntitlement(const json::Value& parameters);

// As Derive of derivation.h, for one attribute alone: never an answer.
absl::StatusOr<json::Value> DeriveEntitlement(const json::Value& value,
                                              const json::Value& parameters);

// The attributes that have to be there, in the order of their names.
//
// Errors:
//   kInvalidArgument  as CheckEntitlement.
absl::StatusOr<std::vector<std::string>> NeededAttributes(
    const json::Value& parameters);

// Whether `value` of `attribute` passes its test at `now`.
//
// Errors:
//   kInvalidArgument     as CheckEntitlement.
//   kFailedPrecondition  no test is of this attribute, or its test is not about
//                        such a value.
absl::StatusOr<bool> MeetsNeed(const json::Value& parameters,
                               std::string_view attribute,
                               const json::Value& value, absl::Time now);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_FORMS_ENTITLEMENT_H_

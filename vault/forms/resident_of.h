// resident_of/1: whether the person lives in one municipality.
//
// Value: the name of a municipality. Parameters: {"municipality": 1 to 120
// bytes}. Answer: true when the two names are equal but for the case of their
// ASCII letters and for spaces around them. No other area can be asked: a
// smaller one, or one that is drawn for the purpose, would find a house.

#ifndef LIMPID_VAULT_FORMS_RESIDENT_OF_H_
#define LIMPID_VAULT_FORMS_RESIDENT_OF_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::vault {

inline constexpr std::string_view kResidentOf1 = "resident_of/1";

// As CheckParameters and Derive of derivation.h.
absl::Status CheckResidentOf(const json::Value& parameters);
absl::StatusOr<json::Value> DeriveResidentOf(const json::Value& value,
                                             const json::Value& parameters);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_FORMS_RESIDENT_OF_H_

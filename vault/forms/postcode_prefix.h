// postcode_prefix/1: the beginning of a postcode.
//
// Value: an address with a "postcode". Parameters: {"characters": 1 to 3},
// counted without spaces and hyphens: three are an area of some ten thousand
// people or more in the systems we know (Dutch "261", British "SW1", German
// "101"); there are countries where they are fewer, and an agreement for one
// of them has to ask for less. Answer: those characters, letters as capitals.

#ifndef LIMPID_VAULT_FORMS_POSTCODE_PREFIX_H_
#define LIMPID_VAULT_FORMS_POSTCODE_PREFIX_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::vault {

inline constexpr std::string_view kPostcodePrefix1 = "postcode_prefix/1";

// As CheckParameters and Derive of derivation.h.
absl::Status CheckPostcodePrefix(const json::Value& parameters);
absl::StatusOr<json::Value> DerivePostcodePrefix(const json::Value& value,
                                                 const json::Value& parameters);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_FORMS_POSTCODE_PREFIX_H_

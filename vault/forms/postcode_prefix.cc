#include "vault/forms/postcode_prefix.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

constexpr std::int64_t kMaxCharacters = 3;

absl::StatusOr<std::size_t> Parse(const json::Value& json) {
  LIMPID_RETURN_IF_ERROR(json.CheckOnlyKeys({"characters"}));
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t characters,
                          json.GetInteger("characters"));
  if (characters < 1 || characters > kMaxCharacters) {
    return absl::InvalidArgumentError("characters: must be 1 to 3");
  }
  return static_cast<std::size_t>(characters);
}

// Letters as capitals and digits, without what separates them; empty when
// there is anything else.
std::string Compact(std::string_view postcode) {
  std::string out;
  for (const char c : postcode) {
    if (c == ' ' || c == '-') continue;
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c))) return "";
    out += absl::ascii_toupper(static_cast<unsigned char>(c));
  }
  return out;
}

}  // namespace

absl::Status CheckPostcodePrefix(const json::Value& parameters) {
  return Parse(parameters).status();
}

absl::StatusOr<json::Value> DerivePostcodePrefix(
    const json::Value& value, const json::Value& parameters) {
  LIMPID_ASSIGN_OR_RETURN(const std::size_t characters, Parse(parameters));
  const std::string postcode =
      value.is_object() ? Compact(value.GetString("postcode").value_or(""))
                        : "";
  // A postcode that is all prefix would be shown whole.
  if (postcode.size() <= characters) {
    return absl::FailedPreconditionError(
        "postcode_prefix/1 needs an address with a longer postcode");
  }
  return json::Value(postcode.substr(0, characters));
}

}  // namespace limpid::vault

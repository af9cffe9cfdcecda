#include "vault/forms/resident_of.h"

#include <cstddef>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

constexpr std::size_t kMaxNameBytes = 120;

absl::StatusOr<std::string> Parse(const json::Value& json) {
  LIMPID_RETURN_IF_ERROR(json.CheckOnlyKeys({"municipality"}));
  LIMPID_ASSIGN_OR_RETURN(std::string name, json.GetString("municipality"));
  absl::StripAsciiWhitespace(&name);
  if (name.empty() || name.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError("municipality: must have 1 to 120 bytes");
  }
  return name;
}

}  // namespace

absl::Status CheckResidentOf(const json::Value& parameters) {
  return Parse(parameters).status();
}

absl::StatusOr<json::Value> DeriveResidentOf(const json::Value& value,
                                             const json::Value& parameters) {
  LIMPID_ASSIGN_OR_RETURN(const std::string asked, Parse(parameters));
  if (!value.is_string()) {
    return absl::FailedPreconditionError(
        "resident_of/1 needs the name of a municipality");
  }
  std::string home(value.string());
  absl::StripAsciiWhitespace(&home);
  return json::Value(absl::EqualsIgnoreCase(home, asked));
}

}  // namespace limpid::vault

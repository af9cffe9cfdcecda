#include "vault/forms/derivation.h"

#include "vault/forms/over_n.h"

namespace limpid::vault {
namespace {

absl::Status Unknown() {
  return absl::InvalidArgumentError("unknown derivation");
}

}  // namespace

bool IsDerivation(std::string_view name) { return name == kOverN1; }

absl::Status CheckParameters(std::string_view name,
                             const json::Value& parameters) {
  if (name == kOverN1) return CheckOverN(parameters);
  return Unknown();
}

absl::StatusOr<json::Value> Derive(std::string_view name,
                                   const json::Value& value,
                                   const json::Value& parameters,
                                   absl::Time now) {
  if (name == kOverN1) return DeriveOverN(value, parameters, now);
  return Unknown();
}

}  // namespace limpid::vault

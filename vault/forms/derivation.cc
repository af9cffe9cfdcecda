#include "vault/forms/derivation.h"

#include <algorithm>
#include <array>

#include "vault/forms/entitlement.h"
#include "vault/forms/income_band.h"
#include "vault/forms/over_n.h"
#include "vault/forms/postcode_prefix.h"
#include "vault/forms/resident_of.h"

namespace limpid::vault {
namespace {

// One row per derivation and version. Rows are added, never changed.
struct Entry {
  std::string_view name;
  absl::Status (*check)(const json::Value& parameters);
  absl::StatusOr<json::Value> (*derive)(const json::Value& value,
                                        const json::Value& parameters,
                                        absl::Time now);
};

// For those that do not ask what day it is.
template <absl::StatusOr<json::Value> (*kDerive)(const json::Value&,
                                                 const json::Value&)>
absl::StatusOr<json::Value> AtAnyTime(const json::Value& value,
                                      const json::Value& parameters,
                                      absl::Time /*now*/) {
  return kDerive(value, parameters);
}

constexpr std::array kEntries = {
    Entry{kHasEntitlement1, CheckEntitlement, AtAnyTime<DeriveEntitlement>},
    Entry{kIncomeBand1, CheckIncomeBand, AtAnyTime<DeriveIncomeBand>},
    Entry{kOverN1, CheckOverN, DeriveOverN},
    Entry{kPostcodePrefix1, CheckPostcodePrefix,
          AtAnyTime<DerivePostcodePrefix>},
    Entry{kResidentOf1, CheckResidentOf, AtAnyTime<DeriveResidentOf>},
};

const Entry* FindEntry(std::string_view name) {
  const auto* const at =
      std::find_if(kEntries.begin(), kEntries.end(),
                   [&](const Entry& entry) { return entry.name == name; });
  return at == kEntries.end() ? nullptr : at;
}

absl::Status Unknown() {
  return absl::InvalidArgumentError("unknown derivation");
}

}  // namespace

bool IsDerivation(std::string_view name) { return FindEntry(name) != nullptr; }

absl::Status CheckParameters(std::string_view name,
                             const json::Value& parameters) {
  const Entry* const entry = FindEntry(name);
  return entry == nullptr ? Unknown() : entry->check(parameters);
}

absl::StatusOr<json::Value> Derive(std::string_view name,
                                   const json::Value& value,
                                   const json::Value& parameters,
                                   absl::Time now) {
  const Entry* const entry = FindEntry(name);
  if (entry == nullptr) return Unknown();
  return entry->derive(value, parameters, now);
}

}  // namespace limpid::vault

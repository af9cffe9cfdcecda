// income_band/1: in which of a few bands a yearly income lies.
//
// Value: {"amount", "currency", "year"}. Parameters: {"currency": "EUR",
// "bounds": [20000, 40000]}: 1 to 6 whole numbers, the first at least 1,000,
// each at least 1,000 above the one before; a narrower band would come close
// to the amount. Answer: how many bounds the amount has reached, 0 to 6.

#ifndef LIMPID_VAULT_FORMS_INCOME_BAND_H_
#define LIMPID_VAULT_FORMS_INCOME_BAND_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::vault {

inline constexpr std::string_view kIncomeBand1 = "income_band/1";

// As CheckParameters and Derive of derivation.h.
absl::Status CheckIncomeBand(const json::Value& parameters);
absl::StatusOr<json::Value> DeriveIncomeBand(const json::Value& value,
                                             const json::Value& parameters);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_FORMS_INCOME_BAND_H_

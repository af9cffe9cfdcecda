#include "vault/forms/income_band.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

constexpr std::size_t kMaxBounds = 6;
constexpr std::int64_t kNarrowestBand = 1'000;
constexpr std::size_t kCurrencyLength = 3;

struct Parameters {
  std::string currency;
  std::vector<std::int64_t> bounds;
};

absl::Status WrongBounds() {
  return absl::InvalidArgumentError(
      "bounds: must be 1 to 6 whole numbers, each at least 1000 above the one "
      "before");
}

absl::StatusOr<Parameters> Parse(const json::Value& json) {
  LIMPID_RETURN_IF_ERROR(json.CheckOnlyKeys({"bounds", "currency"}));
  Parameters out;
  LIMPID_ASSIGN_OR_RETURN(out.currency, json.GetString("currency"));
  if (out.currency.size() != kCurrencyLength ||
      !std::all_of(out.currency.begin(), out.currency.end(),
                   [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return absl::InvalidArgumentError(
        "currency: must be three capital letters (ISO 4217)");
  }
  const json::Value* const bounds = json.Find("bounds");
  if (bounds == nullptr || !bounds->is_array() || bounds->elements().empty() ||
      bounds->elements().size() > kMaxBounds) {
    return WrongBounds();
  }
  std::int64_t last = 0;
  for (const json::Value& bound : bounds->elements()) {
    if (!bound.is_integer() || bound.integer() - last < kNarrowestBand) {
      return WrongBounds();
    }
    last = bound.integer();
    out.bounds.push_back(last);
  }
  return out;
}

}  // namespace

absl::Status CheckIncomeBand(const json::Value& parameters) {
  return Parse(parameters).status();
}

absl::StatusOr<json::Value> DeriveIncomeBand(const json::Value& value,
                                             const json::Value& parameters) {
  LIMPID_ASSIGN_OR_RETURN(const Parameters asked, Parse(parameters));
  const json::Value* const amount =
      value.is_object() ? value.Find("amount") : nullptr;
  if (amount == nullptr || !amount->is_number() ||
      value.GetString("currency").value_or("") != asked.currency) {
    return absl::FailedPreconditionError(
        "income_band/1 needs an income in the currency of its bounds");
  }
  const auto reached = std::count_if(
      asked.bounds.begin(), asked.bounds.end(), [&](std::int64_t bound) {
        return amount->number() >= static_cast<double>(bound);
      });
  return json::Value(static_cast<std::int64_t>(reached));
}

}  // namespace limpid::vault

#include "vault/forms/entitlement.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "vault/forms/over_n.h"

namespace limpid::vault {
namespace {

using json::Value;

constexpr std::size_t kMinNeeds = 2;
constexpr std::size_t kMaxNeeds = 8;
constexpr std::size_t kMaxTextBytes = 120;
constexpr std::size_t kCurrencyLength = 3;
constexpr std::int64_t kMaxAge = 150;

absl::Status NotAbout() {
  return absl::FailedPreconditionError(
      "has_entitlement/1 needs another kind of value");
}

bool IsCurrency(const Value& value) {
  return value.is_string() && value.string().size() == kCurrencyLength &&
         std::all_of(value.string().begin(), value.string().end(),
                     [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool IsShortText(const Value& value) {
  return value.is_string() && !value.string().empty() &&
         value.string().size() <= kMaxTextBytes;
}

// The one test of a need, and its name.
struct Test {
  std::string_view name;
  const Value* bound = nullptr;
  // Of an amount.
  const Value* currency = nullptr;
};

absl::Status WrongNeed(std::string_view attribute, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      "needs.", base::ToAbsl(attribute), ": ", base::ToAbsl(what)));
}

bool Fits(const Test& test) {
  const Value& bound = *test.bound;
  if (test.name == "is") {
    return test.currency == nullptr && (bound.is_bool() || IsShortText(bound));
  }
  if (!bound.is_integer()) return false;
  if (test.name == "age_at_least") {
    return test.currency == nullptr && bound.integer() >= 1 &&
           bound.integer() <= kMaxAge;
  }
  if (test.name == "age_at_most") {
    return test.currency == nullptr && bound.integer() >= 0 &&
           bound.integer() < kMaxAge;
  }
  return test.currency == nullptr || IsCurrency(*test.currency);
}

absl::StatusOr<Test> ParseTest(std::string_view attribute, const Value& need) {
  Test out;
  std::size_t tests = 0;
  if (!need.is_object()) return WrongNeed(attribute, "must be an object");
  for (const std::string_view name :
       {"age_at_least", "age_at_most", "at_least", "at_most", "is"}) {
    const Value* const bound = need.Find(name);
    if (bound == nullptr) continue;
    out.name = name;
    out.bound = bound;
    ++tests;
  }
  out.currency = need.Find("currency");
  const std::size_t members = tests + (out.currency == nullptr ? 0 : 1);
  if (tests != 1 || need.size() != members || !Fits(out)) {
    return WrongNeed(attribute, "must be one test, with a bound it can have");
  }
  return out;
}

absl::StatusOr<const Value*> Needs(const Value& parameters) {
  LIMPID_RETURN_IF_ERROR(parameters.CheckOnlyKeys({"name", "needs"}));
  const Value* const name = parameters.Find("name");
  if (name == nullptr || !IsShortText(*name)) {
    return absl::InvalidArgumentError("name: must have 1 to 120 bytes");
  }
  const Value* const needs = parameters.Find("needs");
  if (needs == nullptr || !needs->is_object() || needs->size() < kMinNeeds ||
      needs->size() > kMaxNeeds) {
    return absl::InvalidArgumentError("needs: must be of 2 to 8 attributes");
  }
  return needs;
}

absl::StatusOr<bool> TestNumber(const Test& test, const Value& value) {
  const Value* number = &value;
  if (test.currency != nullptr) {
    if (value.GetString("currency").value_or("") != test.currency->string()) {
      return NotAbout();
    }
    number = value.Find("amount");
  }
  if (number == nullptr || !number->is_number()) return NotAbout();
  const auto bound = static_cast<double>(test.bound->integer());
  return test.name == "at_least" ? number->number() >= bound
                                 : number->number() <= bound;
}

absl::StatusOr<bool> TestAge(const Test& test, const Value& value,
                             absl::Time now) {
  if (!value.is_string()) return NotAbout();
  const auto birth = ParseDate(value.string());
  if (!birth.ok()) return NotAbout();
  const absl::CivilDay today = absl::ToCivilDay(now, absl::UTCTimeZone());
  const std::int64_t years = test.bound->integer();
  return test.name == "age_at_least" ? HasReachedAge(*birth, years, today)
                                     : !HasReachedAge(*birth, years + 1, today);
}

absl::StatusOr<bool> TestEqual(const Test& test, const Value& value) {
  if (test.bound->is_bool()) {
    if (!value.is_bool()) return NotAbout();
    return value.boolean() == test.bound->boolean();
  }
  if (!value.is_string()) return NotAbout();
  std::string has = value.string();
  std::string asked = test.bound->string();
  absl::StripAsciiWhitespace(&has);
  absl::StripAsciiWhitespace(&asked);
  return absl::EqualsIgnoreCase(has, asked);
}

}  // namespace

absl::Status CheckEntitlement(const Value& parameters) {
  LIMPID_ASSIGN_OR_RETURN(const Value* const needs, Needs(parameters));
  for (const json::Member& need : needs->members()) {
    LIMPID_RETURN_IF_ERROR(ParseTest(need.key, need.value).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> DeriveEntitlement(const Value& /*value*/,
                                        const Value& parameters) {
  LIMPID_RETURN_IF_ERROR(CheckEntitlement(parameters));
  return absl::FailedPreconditionError(
      "has_entitlement/1 is about several attributes together");
}

absl::StatusOr<std::vector<std::string>> NeededAttributes(
    const Value& parameters) {
  LIMPID_RETURN_IF_ERROR(CheckEntitlement(parameters));
  std::vector<std::string> out;
  for (const json::Member& need : parameters.Find("needs")->members()) {
    out.push_back(need.key);
  }
  return out;
}

absl::StatusOr<bool> MeetsNeed(const Value& parameters,
                               std::string_view attribute, const Value& value,
                               absl::Time now) {
  LIMPID_RETURN_IF_ERROR(CheckEntitlement(parameters));
  const Value* const need = parameters.Find("needs")->Find(attribute);
  if (need == nullptr) return NotAbout();
  LIMPID_ASSIGN_OR_RETURN(const Test test, ParseTest(attribute, *need));
  if (test.name == "is") return TestEqual(test, value);
  if (test.name.starts_with("age_")) return TestAge(test, value, now);
  return TestNumber(test, value);
}

}  // namespace limpid::vault

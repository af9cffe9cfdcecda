// Values of an income that say which days they are about.

#ifndef LIMPID_TESTS_UNIT_VAULT_DATED_VALUES_H_
#define LIMPID_TESTS_UNIT_VAULT_DATED_VALUES_H_

#include <string>
#include <string_view>

#include "common/base/day.h"
#include "common/crypto/random.h"
#include "vault/attribute/about.h"
#include "vault/attribute/person_vault.h"

namespace limpid::vault {

inline constexpr char kIncome[] = "income.annual";
inline constexpr char kBirth[] = "person.birth_date";
inline constexpr base::Days k2024 = {20'240'101, 20'241'231};
inline constexpr About kNoDay = {AboutKind::kNoDay, {}};

inline About Of(base::Day from, base::Day to) {
  return {AboutKind::kDays, {from, to}};
}
inline About OfYear(base::Day year) {
  return Of(year * 10'000 + 101, year * 10'000 + 1'231);
}

inline std::string Income(int amount) {
  return R"({"amount":)" + std::to_string(amount) +
         R"(,"currency":"EUR","year":2024})";
}

inline NewValue ValueOf(std::string_view attribute, std::string_view json,
                        const About& about) {
  NewValue out;
  out.attribute = attribute;
  out.value_json = json;
  out.request_id = crypto::RandomArray<16>();
  out.about = about;
  return out;
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_DATED_VALUES_H_

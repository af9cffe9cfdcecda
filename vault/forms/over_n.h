// over_n/1: whether the person has reached the age of n years.
//
// Value: a birth date, "YYYY-MM-DD". Parameters: {"n": 1 to 150} and optionally
// "utc_offset_minutes" (-720 to 840, default 0): the calendar day that counts
// as today is the day at that fixed offset from UTC. A fixed offset, not a
// named zone, so that the answer depends on nothing installed on the server.
// Answer: true or false.
//
// An age is reached at the start of the birthday. Who was born on 29 February
// reaches it, in a year without that day, on 1 March: the later of the two days
// in use, so that the answer is never true too early.

#ifndef LIMPID_VAULT_FORMS_OVER_N_H_
#define LIMPID_VAULT_FORMS_OVER_N_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/json/value.h"

namespace limpid::vault {

inline constexpr std::string_view kOverN1 = "over_n/1";

// Errors:
//   kInvalidArgument  not a calendar date in exactly this form.
absl::StatusOr<absl::CivilDay> ParseDate(std::string_view text);

// Whether somebody born on `birth` is at least `years` old on `today`.
[[nodiscard]] bool HasReachedAge(absl::CivilDay birth, std::int64_t years,
                                 absl::CivilDay today);

// As CheckParameters and Derive of derivation.h.
absl::Status CheckOverN(const json::Value& parameters);
absl::StatusOr<json::Value> DeriveOverN(const json::Value& value,
                                        const json::Value& parameters,
                                        absl::Time now);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_FORMS_OVER_N_H_

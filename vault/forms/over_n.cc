#include "vault/forms/over_n.h"

#include <array>
#include <cstddef>

#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

// Nobody is older; a larger n is a mistake in the agreement.
constexpr std::int64_t kMaxYears = 150;
// The offsets in use: Baker Island and Kiribati.
constexpr std::int64_t kMinOffsetMinutes = -720;
constexpr std::int64_t kMaxOffsetMinutes = 840;

struct Parameters {
  std::int64_t years = 0;
  std::int64_t offset_minutes = 0;
};

absl::StatusOr<Parameters> Parse(const json::Value& json) {
  LIMPID_RETURN_IF_ERROR(json.CheckOnlyKeys({"n", "utc_offset_minutes"}));
  Parameters out;
  LIMPID_ASSIGN_OR_RETURN(out.years, json.GetInteger("n"));
  if (out.years < 1 || out.years > kMaxYears) {
    return absl::InvalidArgumentError("n: must be 1 to 150");
  }
  if (json.Find("utc_offset_minutes") == nullptr) return out;
  LIMPID_ASSIGN_OR_RETURN(out.offset_minutes,
                          json.GetInteger("utc_offset_minutes"));
  if (out.offset_minutes < kMinOffsetMinutes ||
      out.offset_minutes > kMaxOffsetMinutes) {
    return absl::InvalidArgumentError(
        "utc_offset_minutes: must be -720 to 840");
  }
  return out;
}

// The number in `text`, or -1 unless all of it are digits.
int Digits(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return -1;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

absl::StatusOr<absl::CivilDay> ParseDate(std::string_view text) {
  constexpr std::size_t kLength = 10;
  if (text.size() == kLength && text[4] == '-' && text[7] == '-') {
    const int year = Digits(text.substr(0, 4));
    const int month = Digits(text.substr(5, 2));
    const int day = Digits(text.substr(8, 2));
    if (year >= 0 && month >= 0 && day >= 0) {
      const absl::CivilDay date(year, month, day);
      // CivilDay normalises 30 February to March; a date that moved was none.
      if (date.year() == year && date.month() == month && date.day() == day) {
        return date;
      }
    }
  }
  return absl::InvalidArgumentError("not a calendar date YYYY-MM-DD");
}

bool HasReachedAge(absl::CivilDay birth, std::int64_t years,
                   absl::CivilDay today) {
  // 29 February in a year without it normalises to 1 March.
  const absl::CivilDay birthday(birth.year() + years, birth.month(),
                                birth.day());
  return today >= birthday;
}

absl::Status CheckOverN(const json::Value& parameters) {
  return Parse(parameters).status();
}

absl::StatusOr<json::Value> DeriveOverN(const json::Value& value,
                                        const json::Value& parameters,
                                        absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const Parameters asked, Parse(parameters));
  const auto birth = value.is_string()
                         ? ParseDate(value.string())
                         : absl::InvalidArgumentError("not a text");
  if (!birth.ok()) {
    return absl::FailedPreconditionError("over_n/1 needs a birth date");
  }
  const absl::TimeZone zone =
      absl::FixedTimeZone(static_cast<int>(asked.offset_minutes) * 60);
  return json::Value(
      HasReachedAge(*birth, asked.years, absl::ToCivilDay(now, zone)));
}

}  // namespace limpid::vault

// Times as people type them; what files and messages hold is in clock.h.

#ifndef LIMPID_COMMON_BASE_DAY_OR_TIME_H_
#define LIMPID_COMMON_BASE_DAY_OR_TIME_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace limpid::base {

// A day, which begins in UTC, or RFC 3339 with any zone. Never one of Abseil's
// infinite times, which it reads from words.
//
// Errors:
//   kInvalidArgument  neither; the message shows both.
absl::StatusOr<absl::Time> ParseDayOrTime(std::string_view text);

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_DAY_OR_TIME_H_

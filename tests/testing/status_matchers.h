// GoogleTest matchers for absl::Status and StatusOr: Abseil's own come only
// after Debian's version.

#ifndef LIMPID_TESTS_TESTING_STATUS_MATCHERS_H_
#define LIMPID_TESTS_TESTING_STATUS_MATCHERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

namespace limpid::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// EXPECT_THAT(result, IsOk());
MATCHER(IsOk, "is OK") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// EXPECT_THAT(result, StatusIs(absl::StatusCode::kNotFound));
MATCHER_P(StatusIs, code, absl::StatusCodeToString(code)) {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// EXPECT_THAT(result, StatusSays(code, "part of the message"));
MATCHER_P2(StatusSays, code, text,
           absl::StatusCodeToString(code) + " saying \"" + std::string(text) +
               "\"") {
  *result_listener << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         std::string(StatusOf(arg).message()).find(text) != std::string::npos;
}

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_STATUS_MATCHERS_H_

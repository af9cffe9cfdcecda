// Set-up that must not fail: what goes wrong ends the program with its name.

#ifndef LIMPID_TESTS_TESTING_WORLD_REQUIRE_H_
#define LIMPID_TESTS_TESTING_WORLD_REQUIRE_H_

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace limpid::testing {

void Require(const absl::Status& status, std::string_view what);

template <typename T>
T Require(absl::StatusOr<T> result, std::string_view what) {
  Require(result.status(), what);
  return *std::move(result);
}

// "127.0.0.1:port" that was free a moment ago.
std::string FreeAddress();
// A text file of at most 1 MiB.
std::string ReadText(const std::filesystem::path& path);

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_WORLD_REQUIRE_H_

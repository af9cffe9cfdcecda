// Reads published vectors. A case is a flat object; Wycheproof puts the cases
// into groups that share a key or a size.

#ifndef LIMPID_TESTS_VECTORS_VECTOR_FILE_H_
#define LIMPID_TESTS_VECTORS_VECTOR_FILE_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"

namespace limpid::testing {

// The parsed file; null after a failure that the test has noted.
inline json::Value ReadVectors(const std::filesystem::path& path) {
  json::ParseLimits limits;
  limits.max_bytes = std::size_t{16} << 20U;
  limits.max_values = 2'000'000;
  auto parsed = json::ParseStrict(ReadFile(path), limits);
  if (!parsed.ok()) {
    ADD_FAILURE() << path << ": " << parsed.status();
    return json::Value();
  }
  return *std::move(parsed);
}

// A hexadecimal member.
inline base::Bytes Hex(const json::Value& object, std::string_view name) {
  return *base::HexDecode(*object.GetString(name));
}

// Calls run(group, test) for every case and returns how many there were.
template <typename Run>
std::size_t ForEachCase(const json::Value& file, const Run& run) {
  std::size_t count = 0;
  const json::Value* const groups = file.Find("testGroups");
  if (groups == nullptr) return 0;
  for (const json::Value& group : groups->elements()) {
    for (const json::Value& test : group.Find("tests")->elements()) {
      SCOPED_TRACE(*test.GetInteger("tcId"));
      run(group, test);
      ++count;
    }
  }
  return count;
}

inline bool IsValid(const json::Value& test) {
  return *test.GetString("result") == "valid";
}

inline bool HasFlag(const json::Value& test, std::string_view flag) {
  for (const json::Value& one : test.Find("flags")->elements()) {
    if (one.string() == flag) return true;
  }
  return false;
}

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_VECTORS_VECTOR_FILE_H_

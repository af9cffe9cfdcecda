// The one JSON parser: what it accepts has one canonical form, and reading that
// form again gives it back byte for byte. Hashes and signatures rest on this.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "common/json/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  namespace json = limpid::json;
  const std::span<const std::uint8_t> input(data, size);
  const std::string text(input.begin(), input.end());
  const absl::StatusOr<json::Value> value = json::ParseStrict(text);
  if (!value.ok()) return 0;
  const std::string canonical = json::Canonical(*value);
  const absl::StatusOr<json::Value> again = json::ParseStrict(canonical);
  LIMPID_CHECK(again.ok());
  LIMPID_CHECK(json::Canonical(*again) == canonical);
  const absl::StatusOr<json::Value> pretty =
      json::ParseStrict(json::Pretty(*value));
  LIMPID_CHECK(pretty.ok() && json::Canonical(*pretty) == canonical);
  return 0;
}

#include "common/base/id.h"

#include <sodium.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/text.h"

namespace limpid::base {

std::string FormatIdText(std::string_view prefix, ByteView bytes) {
  return absl::StrCat(ToAbsl(prefix), "_", Base32Encode(bytes));
}

absl::StatusOr<ByteArray<kIdBytes>> ParseIdText(std::string_view prefix,
                                                std::string_view text) {
  const absl::Status wrong = absl::InvalidArgumentError(absl::StrCat(
      "expected an id of the form ", ToAbsl(prefix), "_ and 26 characters"));
  if (!text.starts_with(prefix)) return wrong;
  text.remove_prefix(prefix.size());
  if (!text.starts_with('_')) return wrong;
  text.remove_prefix(1);
  const auto bytes = Base32Decode(text);
  if (!bytes.ok() || bytes->size() != kIdBytes) return wrong;
  return ToArray<kIdBytes>(*bytes);
}

ByteArray<kIdBytes> RandomIdBytes() {
  ByteArray<kIdBytes> out{};
  randombytes_buf(out.data(), out.size());
  return out;
}

}  // namespace limpid::base

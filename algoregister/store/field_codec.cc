#include "algoregister/store/field_codec.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/ids.h"
#include "common/base/bytes.h"
#include "common/json/json.h"
#include "common/json/value.h"

namespace limpid::algoregister {
namespace {

// A version has at most 1,024 fields of at most some 20 kB.
constexpr json::ParseLimits kLimits{.max_bytes = std::size_t{64} << 20U,
                                    .max_values = 5'000'000};

absl::StatusOr<FieldDisclosure> DecodeField(const json::Value& entry) {
  auto pointer = entry.GetString("p");
  const auto salt_text = entry.GetString("s");
  const json::Value* const value = entry.Find("v");
  if (!pointer.ok() || !salt_text.ok() || value == nullptr) {
    return absl::DataLossError("a stored field is damaged");
  }
  const auto salt_bytes = base::Base64UrlDecode(*salt_text);
  if (!salt_bytes.ok()) return absl::DataLossError("a stored salt is damaged");
  const auto salt = base::ToArray<32>(*salt_bytes);
  if (!salt.ok()) return absl::DataLossError("a stored salt is damaged");
  return FieldDisclosure{
      .pointer = *std::move(pointer), .salt = *salt, .value = *value};
}

}  // namespace

std::string EncodeFields(const std::vector<FieldDisclosure>& fields) {
  // Written around the values, which are most of it, without copies of them.
  std::string out = "[";
  for (const FieldDisclosure& field : fields) {
    out += out.size() == 1 ? "{\"p\":" : ",{\"p\":";
    json::AppendCanonical(json::Value(field.pointer), out);
    out += ",\"s\":\"";
    out += base::Base64UrlEncode(field.salt);
    out += "\",\"v\":";
    json::AppendCanonical(field.value, out);
    out += '}';
  }
  out += ']';
  return out;
}

absl::StatusOr<std::vector<FieldDisclosure>> DecodeFields(
    std::string_view text) {
  const auto list = json::ParseStrict(text, kLimits);
  if (!list.ok() || !list->is_array()) {
    return absl::DataLossError("stored fields are damaged");
  }
  std::vector<FieldDisclosure> out;
  out.reserve(list->size());
  for (const json::Value& entry : list->elements()) {
    auto field = DecodeField(entry);
    if (!field.ok()) return field.status();
    out.push_back(*std::move(field));
  }
  return out;
}

}  // namespace limpid::algoregister

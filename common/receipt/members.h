// Reading and writing the members that statements and receipts share: digests,
// nonces, times and lines. Internal to common/receipt.

#ifndef LIMPID_COMMON_RECEIPT_MEMBERS_H_
#define LIMPID_COMMON_RECEIPT_MEMBERS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::receipt {

// Reads members one after another; the first failure sticks and names its
// member, so that a reader checks once, at the end.
class MemberReader {
 public:
  // `object` must outlive this reader.
  explicit MemberReader(const json::Value& object) : object_(object) {}

  std::string Text(std::string_view key) {
    auto text = object_.GetString(key);
    if (!text.ok()) {
      Fail(key);
      return {};
    }
    return *std::move(text);
  }

  std::int64_t WholeNumber(std::string_view key) {
    const auto number = object_.GetInteger(key);
    if (!number.ok() || *number < 0) {
      Fail(key);
      return 0;
    }
    return *number;
  }

  absl::Time Time(std::string_view key) {
    const auto time = base::ParseTimeText(Text(key));
    if (!time.ok()) {
      Fail(key);
      return {};
    }
    return *time;
  }

  // Base64url of exactly N bytes.
  template <std::size_t N>
  base::ByteArray<N> Array(std::string_view key) {
    const auto bytes = base::Base64UrlDecode(Text(key));
    if (bytes.ok()) {
      const auto array = base::ToArray<N>(*bytes);
      if (array.ok()) return *array;
    }
    Fail(key);
    return {};
  }

  void Fail(std::string_view key) {
    if (!status_.ok()) return;
    status_ = absl::InvalidArgumentError(
        absl::StrCat("member ", base::ToAbsl(key), " is missing or malformed"));
  }

  [[nodiscard]] const absl::Status& status() const { return status_; }

 private:
  const json::Value& object_;
  absl::Status status_;
};

// Parses JSON that must already be in canonical form, so that one value has
// one text and one signature.
//
// Errors:
//   kInvalidArgument  not strict JSON, not an object, not canonical.
inline absl::StatusOr<json::Value> ParseCanonicalObject(std::string_view text) {
  auto value = json::ParseStrict(text);
  if (!value.ok()) return value.status();
  if (!value->is_object() || json::Canonical(*value) != text) {
    return absl::InvalidArgumentError("not a canonical JSON object");
  }
  return value;
}

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_MEMBERS_H_

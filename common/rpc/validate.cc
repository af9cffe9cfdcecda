#include "common/rpc/validate.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"

namespace limpid::rpc {
namespace {

using base::ToAbsl;

absl::Status CheckEncoding(std::string_view path, std::string_view text,
                           std::size_t max_bytes) {
  if (text.size() > max_bytes) {
    return FieldError(path,
                      absl::StrCat("is longer than ", max_bytes, " bytes"));
  }
  if (!base::IsUtf8(text) || text.find('\0') != std::string_view::npos) {
    return FieldError(path, "is not text in UTF-8");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status FieldError(std::string_view path, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(ToAbsl(path), ": ", ToAbsl(reason)));
}

absl::Status AtField(std::string_view path, const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return status;
  return FieldError(path, base::ToStd(status.message()));
}

absl::Status InsideField(std::string_view path, const absl::Status& status) {
  if (status.code() != absl::StatusCode::kInvalidArgument) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(base::ToAbsl(path), ".", status.message()));
}

absl::Status CheckText(std::string_view path, std::string_view text,
                       std::size_t max_bytes) {
  if (text.empty()) return FieldError(path, "is empty");
  return CheckEncoding(path, text, max_bytes);
}

absl::Status CheckOptionalText(std::string_view path, std::string_view text,
                               std::size_t max_bytes) {
  return CheckEncoding(path, text, max_bytes);
}

absl::Status CheckBytes(std::string_view path, std::string_view bytes,
                        std::size_t size_bytes) {
  if (bytes.size() == size_bytes) return absl::OkStatus();
  return FieldError(
      path, absl::StrCat("has ", bytes.size(), " bytes, not ", size_bytes));
}

absl::Status CheckCount(std::string_view path, int count, int max_count) {
  if (count >= 1 && count <= max_count) return absl::OkStatus();
  return FieldError(
      path, absl::StrCat("has ", count, " items, not 1 to ", max_count));
}

absl::StatusOr<int> PageSize(std::int32_t page_size, int fallback,
                             int maximum) {
  if (page_size < 0) return FieldError("page_size", "is negative");
  return page_size == 0 ? fallback : std::min(page_size, maximum);
}

}  // namespace limpid::rpc

// Checks of request fields whose refusal names the field: "<path>: <reason>".
// The reason never repeats the value, which may be personal.

#ifndef LIMPID_COMMON_RPC_VALIDATE_H_
#define LIMPID_COMMON_RPC_VALIDATE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/text.h"

namespace limpid::rpc {

// kInvalidArgument "<path>: <reason>".
absl::Status FieldError(std::string_view path, std::string_view reason);

// Puts `path` before the message of a kInvalidArgument that a domain or codec
// answered; leaves every other status as it is.
absl::Status AtField(std::string_view path, const absl::Status& status);

// The same for a message that begins with a path inside `path`:
// "content" and "lines[0].form: is missing" make "content.lines[0].form: ...".
absl::Status InsideField(std::string_view path, const absl::Status& status);

// 1 to `max_bytes` of well-formed UTF-8 without NUL.
absl::Status CheckText(std::string_view path, std::string_view text,
                       std::size_t max_bytes);
// At most `max_bytes` of well-formed UTF-8 without NUL; may be empty.
absl::Status CheckOptionalText(std::string_view path, std::string_view text,
                               std::size_t max_bytes);
// Exactly `size_bytes`.
absl::Status CheckBytes(std::string_view path, std::string_view bytes,
                        std::size_t size_bytes);
// 1 to `max_count` items.
absl::Status CheckCount(std::string_view path, int count, int max_count);

// Page size to use: `fallback` for 0, `maximum` for more than that.
//
// Errors:
//   kInvalidArgument  `page_size` is negative.
absl::StatusOr<int> PageSize(std::int32_t page_size, int fallback, int maximum);

// Parses a text id (base::Id<Tag>), naming the field on failure.
template <typename IdType>
absl::StatusOr<IdType> ParseId(std::string_view path, std::string_view text) {
  auto id = IdType::Parse(text);
  if (!id.ok()) return AtField(path, id.status());
  return id;
}

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_VALIDATE_H_

// Members of JSON objects from outside, read with their bounds; faults name
// the place and no value. For the readers of this folder alone.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_READ_JSON_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_READ_JSON_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::algoregister::evidence {

// Columns, groups, labels.
inline constexpr std::size_t kMaxNameBytes = 400;

// kInvalidArgument "<pointer>: reason"; "<file>" for the root.
absl::Status Fault(std::string_view pointer, std::string_view reason);
// The pointer to member `key`.
std::string Below(std::string_view pointer, std::string_view key);

// All errors: kInvalidArgument as Fault.
absl::Status CheckMembers(const json::Value& object, std::string_view pointer,
                          std::initializer_list<std::string_view> required,
                          std::initializer_list<std::string_view> optional);
// 1 to `max_bytes`, no NUL or line end.
absl::StatusOr<std::string> ReadText(const json::Value& object,
                                     std::string_view pointer,
                                     std::string_view key,
                                     std::size_t max_bytes);
absl::StatusOr<double> ReadNumber(const json::Value& object,
                                  std::string_view pointer,
                                  std::string_view key);
// From `low` to `high`, both included.
absl::StatusOr<std::int64_t> ReadInteger(const json::Value& object,
                                         std::string_view pointer,
                                         std::string_view key, std::int64_t low,
                                         std::int64_t high);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_READ_JSON_H_

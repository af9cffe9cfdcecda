// What values of each field type look like. Part of ValidateContent, in files
// of their own because there are many types.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_VALUE_CHECK_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_VALUE_CHECK_H_

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "algoregister/registration/field_table.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Elements of one list: datasets of a system, snapshots of a dataset, records.
inline constexpr std::size_t kMaxListed = 500;

// kInvalidArgument "<pointer>: reason".
absl::Status Fault(std::string_view pointer, std::string_view reason);
// The pointer to member `key` of what `pointer` names.
std::string Below(std::string_view pointer, std::string_view key);

// An object with all of `required`, and beyond them only members of `optional`.
absl::Status CheckKeys(const json::Value& object, std::string_view pointer,
                       std::initializer_list<std::string_view> required,
                       std::initializer_list<std::string_view> optional = {});
// A text of 1 to `max_bytes` without blanks at its ends or a NUL.
absl::Status CheckText(const json::Value& value, std::string_view pointer,
                       std::size_t max_bytes);
// "2026", "2026-04" or "2026-04-07", a day that exists.
absl::Status CheckDate(const json::Value& value, std::string_view pointer);

// The value of a given field, as its row of the table says.
absl::Status CheckGiven(const FieldSpec& spec, const json::Value& value,
                        std::string_view pointer);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_VALUE_CHECK_H_

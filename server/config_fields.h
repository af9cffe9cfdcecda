// The keys of the configuration file as a table: one place for the name, the
// meaning, the type, the default and the range of each.

#ifndef LIMPID_SERVER_CONFIG_FIELDS_H_
#define LIMPID_SERVER_CONFIG_FIELDS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "server/config.h"

namespace limpid::server {

// Without a default, and not allowed to be empty: the file must have it.
struct TextField {
  std::string Config::*member;
  std::string_view standard;
  bool may_be_empty = false;
};
struct ListField {
  std::vector<std::string> Config::*member;
  // Separated by spaces; empty: the file must have it, unless it may be empty.
  std::string_view standard;
  bool may_be_empty = false;
};
// From `least` to `most`, both allowed.
struct NumberField {
  std::int64_t Config::*member;
  std::int64_t standard;
  std::int64_t least;
  std::int64_t most;
};
struct FlagField {
  bool Config::*member;
  bool standard;
};

struct Field {
  // Empty for keys before the first table.
  std::string_view section;
  std::string_view name;
  // Sentences for the operator.
  std::string_view comment;
  std::variant<TextField, ListField, NumberField, FlagField> kind;
};

// In the order of the file.
std::span<const Field> Fields();

// What must hold between values, after each has been read.
//
// Errors:
//   kInvalidArgument  one sentence.
absl::Status CheckConfig(const Config& config);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_CONFIG_FIELDS_H_

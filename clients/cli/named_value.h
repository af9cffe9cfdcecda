// An option whose values have names. CLI11's own transformer shows the numbers
// behind them, in help and in errors, and bytes of enums as they are.

#ifndef LIMPID_CLIENTS_CLI_NAMED_VALUE_H_
#define LIMPID_CLIENTS_CLI_NAMED_VALUE_H_

#include <map>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace limpid::cli {

// Takes one of the names, in whatever case. `values` outlives the command line.
template <typename Value>
CLI::Validator NamedValue(const std::map<std::string, Value>& values) {
  std::string names;
  for (const auto& [name, value] : values) {
    absl::StrAppend(&names, names.empty() ? "" : "|", name);
  }
  return CLI::Validator(
      [&values, names](std::string& given) -> std::string {
        for (const auto& [name, value] : values) {
          if (!absl::EqualsIgnoreCase(name, given)) continue;
          given = CLI::detail::value_string(value);
          return {};
        }
        return absl::StrCat("\"", given, "\" is none of ", names);
      },
      names);
}

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_NAMED_VALUE_H_

// Ids on the command line: one of another kind is refused before any server is
// asked, with the command that lists the right ones.

#ifndef LIMPID_CLIENTS_CLI_ID_KIND_H_
#define LIMPID_CLIENTS_CLI_ID_KIND_H_

#include <string_view>
#include <vector>

#include "CLI/CLI.hpp"

namespace limpid::cli {

// Of an option that takes ids with one of these prefixes (docs/formats/ids.md).
// Refuses those with another known prefix alone: what is no id at all, the
// server judges.
CLI::Validator OfKind(std::vector<std::string_view> prefixes);

// Of an option that takes any registration.
CLI::Validator RegistrationId();

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_ID_KIND_H_

// One leaf command: its options live as long as the command line, its body runs
// through the session.

#ifndef LIMPID_CLIENTS_CLI_COMMAND_H_
#define LIMPID_CLIENTS_CLI_COMMAND_H_

#include <functional>
#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "clients/cli/session.h"

namespace limpid::cli {

// Adds `name` to `group`. `run` gets the options, which `Options` default
// constructs and the returned command's add_option fills.
template <typename Options>
std::pair<CLI::App*, std::shared_ptr<Options>> AddCommand(
    CLI::App& group, Session& session, const std::string& name,
    const std::string& help,
    std::function<absl::StatusOr<Report>(const Options&, Session&)> run) {
  auto options = std::make_shared<Options>();
  CLI::App* const command = group.add_subcommand(name, help);
  command->callback([options, &session, run = std::move(run)] {
    session.Run([&] { return run(*options, session); });
  });
  return {command, std::move(options)};
}

// For commands that a representative may use.
inline CLI::Option* AddFor(CLI::App& command, std::string& person) {
  return command.add_option("--for", person,
                            "act for this person, under a delegation");
}

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_COMMAND_H_

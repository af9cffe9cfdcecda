// The command line of limpidd.

#ifndef LIMPID_SERVER_COMMAND_LINE_H_
#define LIMPID_SERVER_COMMAND_LINE_H_

#include <optional>
#include <string>

#include "server/exit_code.h"

namespace limpid::server {

struct CommandLine {
  std::string config_file;
  // Read the configuration, say what is wrong with it, start nothing.
  bool check_only = false;
  // The vault's store is an older copy, and meant to be.
  bool accept_older_vault = false;
  bool adopt_copied_logs = false;
};

// Prints help, version or what is wrong by itself; then there is no command
// line to follow, and `exit_code` says how to end.
std::optional<CommandLine> ParseCommandLine(int argc, char** argv,
                                            ExitCode& exit_code);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_COMMAND_LINE_H_

// The whole command line: every command, and what the words of a call ask for.

#ifndef LIMPID_CLIENTS_CLI_COMMAND_LINE_H_
#define LIMPID_CLIENTS_CLI_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "clients/cli/session.h"

namespace limpid::cli {

// Whether what is said is to be JSON, also of words that no command takes.
bool AsksForJson(const std::vector<std::string>& words);

// Runs what `words`, those after the program's name, ask for. Words that no
// command takes end with kUsage, told as every other failure is: as JSON with
// --json. Help and the version are text.
ExitCode RunCommandLine(std::vector<std::string> words, Session& session);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_COMMAND_LINE_H_

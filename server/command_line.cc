#include "server/command_line.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
#include <string>

#include "server/exit_code.h"
#include "server/version.h"

namespace limpid::server {

std::optional<CommandLine> ParseCommandLine(int argc, char** argv,
                                            ExitCode& exit_code) {
  CommandLine out;
  CLI::App app("limpidd: the server of Limpid", "limpidd");
  app.add_option("--config", out.config_file, "Configuration file (TOML)")
      ->required()
      ->type_name("FILE");
  app.add_flag("--check-config", out.check_only,
               "Check the configuration file and stop");
  app.add_flag("--accept-older-vault", out.accept_older_vault,
               "Serve a vault whose store was put back from an older copy:\n"
               "what was stored since is lost, what was erased stays erased");
  app.add_flag("--adopt-copied-logs", out.adopt_copied_logs,
               "Go on with logs that were copied from another place, which "
               "will\nnever sign again (docs/move-server.md)");
  app.set_version_flag("--version", "limpidd " + std::string(kVersion));
  app.footer(
      "Exit codes: 0 stopped as told, 1 fault, 2 command line, 3 configuration "
      "refused,\n            4 key, database, log, directory or address "
      "refused (nothing was changed)");
  try {
    app.parse(argc, argv);
    return out;
  } catch (const CLI::ParseError& error) {
    // Prints help and version to standard output, mistakes to standard error.
    exit_code = app.exit(error) == 0 ? ExitCode::kStopped : ExitCode::kUsage;
    return std::nullopt;
  }
}

}  // namespace limpid::server

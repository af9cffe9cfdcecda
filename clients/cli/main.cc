// limpid: the command line.

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "clients/cli/commands.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/quiet.h"
#include "common/rpc/tls13.h"

namespace limpid::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 refused, not found or failed, or another command on "
    "this device has not ended;\n2 wrong command line; 3 no server answered; "
    "4 a signature, hash or proof does not verify;\n5 a file of your own is "
    "missing or broken, or cannot be read or written.\nEnvironment: "
    "LIMPID_SERVER, "
    "LIMPID_CA, LIMPID_CERTIFICATE, LIMPID_KEY, LIMPID_HOME (else "
    "XDG_CONFIG_HOME/limpid, else .config/limpid of your home).";

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  app.add_flag("--json", options.json, "print JSON");
  app.add_option("--server", options.server, "server as HOST:PORT");
  app.add_option("--ca", options.ca_file,
                 "PEM file of the CA that vouches for the server");
  app.add_option("--certificate", options.certificate_file,
                 "PEM file of your client certificate");
  app.add_option("--key", options.key_file, "PEM file of its private key");
  app.add_option("--home", options.home,
                 "directory with a person's key and pinned facts");
}

// Arguments go into messages that carry UTF-8 alone.
bool IsText(std::span<char*> arguments) {
  return std::all_of(arguments.begin(), arguments.end(),
                     [](const char* one) { return base::IsUtf8(one); });
}

// Reads the command line and runs what it asks for. How it ended; none when a
// command ran, whose session says it. A name that no command has is said.
std::optional<ExitCode> Parse(CLI::App& app, int argc, char** argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::RequiredError& error) {
    const std::vector<std::string> left = app.remaining(/*recurse=*/true);
    if (left.empty() || left.front().starts_with('-')) {
      app.exit(error);
    } else {
      std::cerr << "limpid: there is no command \"" << Clean(left.front())
                << "\"\nnext: limpid --help, or --help after a command, lists "
                   "those there are\n";
    }
    return ExitCode::kUsage;
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::kOk : ExitCode::kUsage;
  }
}

// Output that did not arrive is a failure, whatever the command did.
int ExitWith(ExitCode code) {
  if (std::cout.flush() || code != ExitCode::kOk) return static_cast<int>(code);
  std::cerr << "limpid: standard output could not be written\nnext: see that "
               "the disk has room and that whoever reads is still there\n";
  return static_cast<int>(ExitCode::kStateBroken);
}

int Main(int argc, char** argv) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  rpc::SilenceLibraries();
  if (const absl::Status status = base::ProtectProcessMemory(); !status.ok()) {
    std::cerr << "limpid: " << status.message() << '\n';
    return static_cast<int>(ExitCode::kStateBroken);
  }
  if (!IsText(std::span(argv, static_cast<std::size_t>(argc)))) {
    std::cerr << "limpid: an argument is not UTF-8 text\n";
    return static_cast<int>(ExitCode::kUsage);
  }
  const base::SystemClock clock;
  Session session(Terminal::Standard(), clock);
  CLI::App app("Decide who may use your data, and see who did.", "limpid");
  app.footer(kFooter);
  app.set_version_flag("--version", "limpid " LIMPID_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  AddGlobalOptions(app, session.options());
  AddPersonCommands(app, session);
  AddServiceCommands(app, session);
  AddRegisterCommands(app, session);
  AddMim5Commands(app, session);
  AddAuditCommand(app, session);
  AddAuditAccessesCommand(app, session);
  AddReceiptCommands(app, session);
  AddAnswerCommands(app, session);
  AddAdminCommands(app, session);
  AddUpCommand(app, session);
  if (const auto done = Parse(app, argc, argv)) return ExitWith(*done);
  return ExitWith(session.exit_code());
}

}  // namespace
}  // namespace limpid::cli

int main(int argc, char** argv) {
  try {
    return limpid::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "limpid: " << error.what() << '\n';
    return 1;
  }
}

// limpid: the command line.

#include <exception>
#include <iostream>

#include "CLI/CLI.hpp"
#include "clients/cli/commands.h"
#include "common/base/secret.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/tls13.h"

namespace limpid::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 refused, not found or failed, or another command on "
    "this device has not ended;\n2 wrong command line; 3 no server answered; "
    "4 a signature, hash or proof does not verify;\n5 a file of your own is "
    "missing or broken, or cannot be read or written.\nEnvironment: "
    "LIMPID_SERVER, "
    "LIMPID_CA, LIMPID_CERTIFICATE, LIMPID_KEY, LIMPID_HOME.";

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

int Main(int argc, char** argv) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  if (const absl::Status status = base::ProtectProcessMemory(); !status.ok()) {
    std::cerr << "limpid: " << status.message() << '\n';
    return static_cast<int>(ExitCode::kStateBroken);
  }
  const base::SystemClock clock;
  Session session(Terminal::Standard(), clock);
  CLI::App app("Decide who may use your data, and see who did.", "limpid");
  app.footer(kFooter);
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
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(session.exit_code());
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

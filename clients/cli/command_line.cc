#include "clients/cli/command_line.h"

#include <algorithm>
#include <exception>
#include <sstream>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "common/base/bytes.h"

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

constexpr const char* kJson = "--json";

void AddGlobalOptions(CLI::App& app, GlobalOptions& options) {
  app.add_flag(kJson, options.json, "print JSON, of a failure too");
  app.add_option("--server", options.server, "server as HOST:PORT");
  app.add_option("--ca", options.ca_file,
                 "PEM file of the CA that vouches for the server");
  app.add_option("--certificate", options.certificate_file,
                 "PEM file of your client certificate");
  app.add_option("--key", options.key_file, "PEM file of its private key");
  app.add_option("--home", options.home,
                 "directory with a person's key and pinned facts");
}

void AddEveryCommand(CLI::App& app, Session& session) {
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
}

// The command that the words came to, and its name with its groups'.
struct Reached {
  const CLI::App* command = nullptr;
  std::string name;
};

Reached ReachedBy(const CLI::App& app) {
  Reached out{&app, app.get_name()};
  for (auto below = app.get_subcommands(); !below.empty();
       below = out.command->get_subcommands()) {
    out.command = below.front();
    absl::StrAppend(&out.name, " ", out.command->get_name());
  }
  return out;
}

bool IsGroup(const CLI::App& command) {
  const auto any = [](const CLI::App* /*below*/) { return true; };
  return !command.get_subcommands(any).empty();
}

// Words that the command line cannot take. A name that no command has, or an
// option that this one has not, is said: it is why another is missing.
absl::Status NotTaken(const CLI::App& app, const CLI::ParseError& error) {
  const Reached reached = ReachedBy(app);
  const bool group = IsGroup(*reached.command);
  const std::string next =
      reached.name + (group ? " --help lists the commands there are"
                            : " --help says how it is called");
  std::string what = error.what();
  if (error.get_name() == "RequiredError") {
    for (const std::string& word : app.remaining(/*recurse=*/true)) {
      if (word.starts_with('-')) {
        what = absl::StrCat(reached.name, " has no option \"", word, "\"");
        break;
      }
      if (!group) continue;
      what = absl::StrCat("there is no command \"", word, "\"");
      break;
    }
  }
  return WithNext(WrongUsage(absl::InvalidArgumentError(what)), next);
}

void Parse(std::vector<std::string> words, Session& session) {
  CLI::App app("Decide who may use your data, and see who did.", "limpid");
  app.footer(kFooter);
  app.set_version_flag("--version", "limpid " LIMPID_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  AddGlobalOptions(app, session.options());
  AddEveryCommand(app, session);
  // CLI11 takes them from the back.
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (const CLI::Success& asked) {
    std::ostringstream text;
    app.exit(asked, text, text);
    session.terminal().Raw(text.str());
  } catch (const CLI::ParseError& error) {
    session.Run(
        [&]() -> absl::StatusOr<Report> { return NotTaken(app, error); });
  }
}

}  // namespace

bool AsksForJson(const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), kJson) != words.end();
}

ExitCode RunCommandLine(std::vector<std::string> words, Session& session) {
  // Before they are parsed, since that may be what fails.
  if (AsksForJson(words)) session.options().json = true;
  const auto fail = [&session](const absl::Status& status) {
    session.Run([&]() -> absl::StatusOr<Report> { return status; });
  };
  // Words go into messages that carry UTF-8 alone.
  if (!std::all_of(words.begin(), words.end(), base::IsUtf8)) {
    fail(WithNext(
        WrongUsage(absl::InvalidArgumentError("an argument is not UTF-8 text")),
        "give it in UTF-8, as a terminal with a UTF-8 locale does"));
    return session.exit_code();
  }
  try {
    Parse(std::move(words), session);
  } catch (const std::exception& error) {
    fail(absl::InternalError(error.what()));
  }
  return session.exit_code();
}

}  // namespace limpid::cli

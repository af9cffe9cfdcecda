// limpid admin move-root-key: from the file to a token.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "common/base/status_macros.h"
#include "server/provision/move_root_key.h"

namespace limpid::cli {
namespace {

json::Value Texts(const std::vector<std::string>& texts) {
  json::Value out = json::Value::Array();
  for (const std::string& text : texts) out.Append(text);
  return out;
}

void Show(const server::RootKeyMoved& moved, Terminal& shown) {
  shown.Line("Key rings moved: " + std::to_string(moved.now.size()) + ".");
  for (const std::string& role : moved.now) shown.Line("  " + role);
  if (!moved.before.empty()) shown.Line("Moved before:");
  for (const std::string& role : moved.before) shown.Line("  " + role);
  shown.Line("Put this into the configuration, then start the server:");
  for (const std::string& line : moved.settings) shown.Line("  " + line);
  shown.Line("Then destroy " + moved.old_file.string() +
             ", unless the rings of another data directory still need it: with "
             "copies of the key rings from before it still opens everything.");
}

absl::StatusOr<Report> Move(const server::RootKeyMove& options,
                            Session& session) {
  Terminal& terminal = session.terminal();
  auto done =
      server::MoveRootKey(options, [&terminal](std::string_view warning) {
        terminal.Error("warning: " + std::string(warning));
      });
  if (!done.ok()) return OfThisMachine(done.status());
  const server::RootKeyMoved moved = *std::move(done);
  json::Value out = json::Value::Object();
  out.Set("moved", static_cast<std::int64_t>(moved.now.size()));
  out.Set("rings", Texts(moved.now));
  out.Set("moved_before", Texts(moved.before));
  out.Set("old_file", moved.old_file.string());
  return Report{std::move(out),
                [moved](Terminal& shown) { Show(moved, shown); }};
}

}  // namespace

void AddRootKeyCommand(CLI::App& group, Session& session) {
  auto [move, how] = AddCommand<server::RootKeyMove>(
      group, session, "move-root-key",
      "Move the root key of a stopped server from its file to a PKCS#11 token",
      Move);
  move->add_option("config", how->config_file,
                   "the server's configuration file")
      ->required();
  move->add_option("--root-key-module", how->module,
                   "PKCS#11 module of the token")
      ->required();
  move->add_option("--root-key-token", how->token, "label of the token")
      ->required();
  move->add_option("--root-key-name", how->name,
                   "label of the key; made when the token has none");
  move->add_option("--root-key-pin-file", how->pin_file,
                   "file with the PIN, chmod 600")
      ->required();
}

}  // namespace limpid::cli

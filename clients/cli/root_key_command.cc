// limpid admin move-root-key: from the file or shares to a token or new shares.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "clients/cli/command.h"
#include "clients/cli/commands.h"
#include "clients/cli/root_key_shares.h"
#include "common/base/status_macros.h"
#include "server/provision/make_shares.h"
#include "server/provision/move_root_key.h"

namespace limpid::cli {
namespace {

struct MoveOptions {
  server::RootKeyMove move;
  std::vector<std::string> present;
  // Empty, or "K/N".
  std::string shares;
  server::WantedShares wanted;
};

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
  if (!moved.share_files.empty()) ShowShares(moved.share_files, shown);
  const std::string old = moved.old_file.empty()
                              ? std::string("the earlier shares, all of them")
                              : moved.old_file.string();
  shown.Line("Then destroy " + old +
             ", unless the rings of another data directory still need it: with "
             "copies of the key rings from before it still opens everything.");
}

absl::StatusOr<Report> Move(const MoveOptions& options, Session& session) {
  server::RootKeyMove move = options.move;
  move.present_shares.assign(options.present.begin(), options.present.end());
  if (!options.shares.empty() || !options.wanted.directory.empty() ||
      !options.wanted.holders.empty()) {
    LIMPID_ASSIGN_OR_RETURN(move.shares,
                            SharesOf(options.shares, options.wanted));
  }
  Terminal& terminal = session.terminal();
  auto done = server::MoveRootKey(move, [&terminal](std::string_view warning) {
    terminal.Error("warning: " + std::string(warning));
  });
  if (!done.ok()) return OfThisMachine(done.status());
  const server::RootKeyMoved moved = *std::move(done);
  json::Value out = json::Value::Object();
  out.Set("moved", static_cast<std::int64_t>(moved.now.size()));
  out.Set("rings", Texts(moved.now));
  out.Set("moved_before", Texts(moved.before));
  out.Set("old_file", moved.old_file.string());
  out.Set("settings", Texts(moved.settings));
  out.Set("share_files", FilesAsJson(moved.share_files));
  return Report{std::move(out),
                [moved](Terminal& shown) { Show(moved, shown); }};
}

}  // namespace

void AddRootKeyCommand(CLI::App& group, Session& session) {
  auto [move, how] = AddCommand<MoveOptions>(
      group, session, "move-root-key",
      "Move the root key of a stopped server from its file, or from shares, to "
      "a PKCS#11 token or to new shares",
      Move);
  move->add_option("config", how->move.config_file,
                   "the server's configuration file")
      ->required();
  move->add_option("--root-key-module", how->move.module,
                   "PKCS#11 module of the token");
  move->add_option("--root-key-token", how->move.token, "label of the token");
  move->add_option("--root-key-name", how->move.name,
                   "label of the key; made when the token has none");
  move->add_option("--root-key-pin-file", how->move.pin_file,
                   "file with the PIN, chmod 600");
  move->add_option("--share", how->present,
                   "from shares: a file of a present one, as often as shares "
                   "are needed");
  AddShareOptions(*move, how->shares, how->wanted);
}

}  // namespace limpid::cli

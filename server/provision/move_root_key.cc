#include "server/provision/move_root_key.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "server/config.h"
#include "server/config_fields.h"
#include "server/provision/make_shares.h"
#include "server/provision/provision.h"
#include "server/root_key_source.h"
#include "server/share_set.h"

namespace limpid::server {
namespace {

using Root = std::shared_ptr<const crypto::RootKey>;

absl::StatusOr<base::FileLock> LockData(const Config& config) {
  auto lock = base::FileLock::Acquire(config.Resolve(config.data_directory) /
                                      "limpidd.lock");
  if (!absl::IsUnavailable(lock.status())) return lock;
  return absl::UnavailableError(
      "a server is running on the data directory: stop it first");
}

// Those of the configuration, and those that ran here under another one.
absl::StatusOr<std::set<std::string>> RolesWithRings(const Config& config) {
  std::set<std::string> roles(config.roles.begin(), config.roles.end());
  const std::filesystem::path data = config.Resolve(config.data_directory);
  std::error_code error;
  std::filesystem::directory_iterator at(data, error);
  for (; !error && at != std::filesystem::directory_iterator();
       at.increment(error)) {
    const std::string role = at->path().filename().string();
    const bool is_there =
        std::filesystem::exists(KeyRingPath(config, role), error);
    // Not a directory is no error.
    if (error) break;
    if (is_there) roles.insert(role);
  }
  if (!error) return roles;
  return absl::UnavailableError(absl::StrCat("cannot look for key rings in ",
                                             data.string(), ": nothing moved"));
}

absl::StatusOr<RootKeyMoved> MoveRings(const Config& config, const Root& from,
                                       const Root& to) {
  LIMPID_ASSIGN_OR_RETURN(const std::set<std::string> roles,
                          RolesWithRings(config));
  RootKeyMoved moved;
  std::vector<std::unique_ptr<crypto::KeyRing>> rings;
  for (const std::string& role : roles) {
    const std::filesystem::path path = KeyRingPath(config, role);
    if (crypto::KeyRing::Open(path, role, to).ok()) {
      moved.before.push_back(role);
      continue;
    }
    LIMPID_ASSIGN_OR_RETURN(rings.emplace_back(),
                            crypto::KeyRing::Open(path, role, from));
    moved.now.push_back(role);
  }
  for (std::size_t i = 0; i < rings.size(); ++i) {
    LIMPID_RETURN_IF_ERROR(rings[i]->ChangeRoot(to));
    const std::string& role = moved.now[i];
    LIMPID_RETURN_IF_ERROR(
        crypto::KeyRing::Open(KeyRingPath(config, role), role, to).status());
  }
  return moved;
}

Config WithToken(Config config, const RootKeyMove& move) {
  config.root_key_kind = kRootKeyToken;
  config.root_key_file.clear();
  config.root_key_share_set = 0;
  config.root_key_share_threshold = 0;
  config.root_key_share_count = 0;
  config.root_key_share_commitment.clear();
  config.root_key_module = std::filesystem::absolute(move.module).string();
  config.root_key_token = move.token;
  config.root_key_name = move.name;
  config.root_key_pin_file = std::filesystem::absolute(move.pin_file).string();
  return config;
}

std::vector<std::string> SettingsOf(const Config& config) {
  const auto line = [](std::string_view name, const std::string& value) {
    return absl::StrCat(base::ToAbsl(name), " = \"", value, "\"");
  };
  const auto number = [](std::string_view name, std::int64_t value) {
    return absl::StrCat(base::ToAbsl(name), " = ", value);
  };
  return {"[root_key]",
          line("kind", config.root_key_kind),
          line("file", config.root_key_file),
          line("module", config.root_key_module),
          line("token", config.root_key_token),
          line("name", config.root_key_name),
          line("pin_file", config.root_key_pin_file),
          number("share_set", config.root_key_share_set),
          number("share_threshold", config.root_key_share_threshold),
          number("share_count", config.root_key_share_count),
          line("share_commitment", config.root_key_share_commitment)};
}

absl::Status CheckMove(const Config& from, const RootKeyMove& move) {
  if (UsesToken(from)) {
    return absl::FailedPreconditionError(
        "the root key is in a token already; it moves from a file or from "
        "shares only");
  }
  if (move.shares.has_value() != move.module.empty()) {
    return absl::InvalidArgumentError(
        "name what the root key moves to: a token or shares, not both");
  }
  if (UsesShares(from) || move.present_shares.empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "files of shares were named, and the present root key is in a file");
}

absl::StatusOr<Root> OpenPresent(const Config& from, const RootKeyMove& move,
                                 const crypto::WarningSink& warn) {
  if (!UsesShares(from)) return OpenRootKey(from, warn);
  return OpenShareFiles(ShareSetOf(from), move.present_shares);
}

// What the rings move to, and a configuration that names it.
struct Target {
  Config config;
  Root root;
  std::vector<std::filesystem::path> share_files;
};

absl::StatusOr<Target> MakeTarget(const Config& from, const RootKeyMove& move,
                                  const crypto::WarningSink& warn) {
  Target to;
  if (!move.shares) {
    to.config = WithToken(from, move);
    LIMPID_RETURN_IF_ERROR(CheckConfig(to.config));
    LIMPID_ASSIGN_OR_RETURN(to.root, MakeRootKey(to.config, warn));
    return to;
  }
  std::optional<std::uint16_t> present;
  if (UsesShares(from)) present = ShareSetOf(from).id;
  LIMPID_ASSIGN_OR_RETURN(std::optional<MadeShares> shares,
                          FindShares(*move.shares));
  if (shares && shares->set.id == present) {
    return absl::FailedPreconditionError(
        absl::StrCat(move.shares->directory.string(),
                     " has the present shares: choose another directory for "
                     "the new ones"));
  }
  if (!shares) {
    LIMPID_ASSIGN_OR_RETURN(
        shares, MakeShares(*move.shares, from.operator_name, present));
  }
  to.config = from;
  UseShares(shares->set, to.config);
  to.root = std::move(shares->root);
  to.share_files = std::move(shares->files);
  return to;
}

}  // namespace

absl::StatusOr<RootKeyMoved> MoveRootKey(const RootKeyMove& move,
                                         const crypto::WarningSink& warn) {
  LIMPID_ASSIGN_OR_RETURN(const Config from, LoadConfig(move.config_file));
  LIMPID_RETURN_IF_ERROR(CheckMove(from, move));
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockData(from));
  LIMPID_ASSIGN_OR_RETURN(const Root old_root, OpenPresent(from, move, warn));
  LIMPID_ASSIGN_OR_RETURN(const Target to, MakeTarget(from, move, warn));
  absl::StatusOr<RootKeyMoved> moved = MoveRings(from, old_root, to.root);
  if (!moved.ok()) {
    const std::string kept =
        move.shares ? absl::StrCat("the new shares in ",
                                   move.shares->directory.string())
                    : absl::StrCat("the key ", move.name, " in its token");
    return absl::Status(
        moved.status().code(),
        absl::StrCat(moved.status().message(), "; keep ", kept,
                     " and what holds the present root key, and run this "
                     "again: key rings may hang on either"));
  }
  if (!UsesShares(from)) moved->old_file = from.Resolve(from.root_key_file);
  moved->settings = SettingsOf(to.config);
  moved->share_files = to.share_files;
  return moved;
}

}  // namespace limpid::server

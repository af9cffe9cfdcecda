#include "server/provision/move_root_key.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
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
#include "server/provision/provision.h"
#include "server/root_key_source.h"

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

// Whether the ring moved now; false when it had moved before.
absl::StatusOr<bool> MoveRing(const std::filesystem::path& path,
                              const std::string& role, const Root& from,
                              const Root& to) {
  if (crypto::KeyRing::Open(path, role, to).ok()) return false;
  LIMPID_ASSIGN_OR_RETURN(const auto ring,
                          crypto::KeyRing::Open(path, role, from));
  LIMPID_RETURN_IF_ERROR(ring->ChangeRoot(to));
  LIMPID_RETURN_IF_ERROR(crypto::KeyRing::Open(path, role, to).status());
  return true;
}

Config WithToken(Config config, const RootKeyMove& move) {
  config.root_key_file.clear();
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
  return {"[root_key]",
          line("file", config.root_key_file),
          line("module", config.root_key_module),
          line("token", config.root_key_token),
          line("name", config.root_key_name),
          line("pin_file", config.root_key_pin_file)};
}

}  // namespace

absl::StatusOr<RootKeyMoved> MoveRootKey(const RootKeyMove& move,
                                         const crypto::WarningSink& warn) {
  LIMPID_ASSIGN_OR_RETURN(const Config from, LoadConfig(move.config_file));
  const Config to = WithToken(from, move);
  LIMPID_RETURN_IF_ERROR(CheckConfig(to));
  if (UsesToken(from)) {
    return absl::FailedPreconditionError(
        "the root key is in a token already; it moves from a file only");
  }
  LIMPID_ASSIGN_OR_RETURN(const base::FileLock lock, LockData(from));
  LIMPID_ASSIGN_OR_RETURN(const Root old_root, OpenRootKey(from, warn));
  LIMPID_ASSIGN_OR_RETURN(const Root new_root, MakeRootKey(to, warn));
  RootKeyMoved moved{.old_file = from.Resolve(from.root_key_file),
                     .settings = SettingsOf(to)};
  for (const std::string& role : from.roles) {
    LIMPID_ASSIGN_OR_RETURN(const bool now, MoveRing(KeyRingPath(from, role),
                                                     role, old_root, new_root));
    if (now) ++moved.rings;
  }
  return moved;
}

}  // namespace limpid::server

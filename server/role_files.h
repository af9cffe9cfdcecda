// The files of one role: key ring, databases, log and its head, opened or, at
// the very first start, made. Later a missing file is a refusal, never a new
// empty one. Knows no domain.

#ifndef LIMPID_SERVER_ROLE_FILES_H_
#define LIMPID_SERVER_ROLE_FILES_H_

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "common/storage/database.h"
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "server/config.h"

namespace limpid::server {

class RoleFiles {
 public:
  // `clock` must outlive the object.
  //
  // Errors: those of KeyRing::Open; a missing ring says how to make one.
  // Further
  //   kFailedPrecondition  the configuration names another operator, or vault,
  //                        than the data was made for.
  static absl::StatusOr<std::unique_ptr<RoleFiles>> Open(
      const Config& config, std::string_view role,
      std::shared_ptr<const crypto::RootKey> root, const base::Clock& clock);

  [[nodiscard]] crypto::KeyRing& keys() { return *keys_; }
  [[nodiscard]] const std::filesystem::path& directory() const {
    return directory_;
  }

  // "<directory>/<name>.db" under the ring's key "<name>-db".
  //
  // Errors: those of Database::Open, of Create at the first start.
  absl::StatusOr<std::unique_ptr<storage::Database>> OpenDatabase(
      std::string_view name, std::vector<storage::Migration> migrations);

  // The log "<operator>/<name>" in "<directory>/log", its head in
  // "<directory>/head", signed by the ring's key "log-seed". At most once.
  //
  // Errors: those of Log::Open, of Create at the first start.
  absl::StatusOr<std::unique_ptr<tlog::Log>> OpenLog(std::string_view name);

  // Everything has been made: from the next start on, what is missing is lost.
  //
  // Errors: those of KeyRing::GetOrCreate.
  absl::Status FinishFirstStart();

 private:
  RoleFiles(Config config, std::string_view role,
            std::filesystem::path directory,
            std::unique_ptr<crypto::KeyRing> keys, const base::Clock& clock);

  const Config config_;
  // Name of the key whose presence says for whom the data was made.
  const std::string made_for_;
  const std::filesystem::path directory_;
  const std::unique_ptr<crypto::KeyRing> keys_;
  const base::Clock& clock_;
  const bool first_start_;
  std::unique_ptr<tlog::FileHeadStore> head_;
};

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLE_FILES_H_

#include "server/role_files.h"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/clock.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/hash.h"
#include "common/crypto/keyring.h"
#include "common/crypto/root_key.h"
#include "common/storage/database.h"
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "server/config.h"
#include "server/provision/provision.h"

namespace limpid::server {
namespace {

// A key that nothing uses: the ring is the one file that is replaced as a
// whole, so a name in it is a durable mark.
constexpr std::string_view kFirstStartDone = "first-start-done";
// Beside the mark of whom the data was made for: from then on it has to be
// there.
constexpr std::string_view kMadeForDone = "made-for-done";
constexpr std::size_t kSeedBytes = crypto::kEd25519SeedBytes;
constexpr std::int64_t kBytesPerMib = 1 << 20;

// The mark of this operator and, for a vault, its id, which everything that is
// sealed is bound to.
std::string MadeFor(const Config& config, std::string_view role) {
  base::ByteWriter out("limpid/made-for/1");
  out.Lp(config.operator_name);
  out.Lp(role == kVaultRole ? std::string_view(config.vault_source_id)
                            : std::string_view());
  return "made-for-" +
         base::HexEncode(base::ByteView(crypto::Sha256(out.bytes())).first(16));
}

// With another name or id nothing that is there would open, and what is stored
// now would be lost when the mistake is put right.
absl::Status CheckMadeFor(const crypto::KeyRing& keys, const Config& config,
                          std::string_view role) {
  if (!keys.Get(kMadeForDone).ok() || keys.Get(MadeFor(config, role)).ok()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "the data of the ", base::ToAbsl(role), " was made with another ",
      role == kVaultRole ? "operator or vault.source_id" : "operator",
      " than the configuration names: put back the one it was made with"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<RoleFiles>> RoleFiles::Open(
    const Config& config, std::string_view role,
    std::shared_ptr<const crypto::RootKey> root, const base::Clock& clock) {
  const std::filesystem::path ring = KeyRingPath(config, role);
  auto keys = crypto::KeyRing::Open(ring, role, std::move(root));
  if (absl::IsNotFound(keys.status())) {
    return absl::NotFoundError(
        absl::StrCat("there is no key ring at ", ring.string(),
                     ": make a new directory with `limpid admin init`, or "
                     "restore this one"));
  }
  LIMPID_RETURN_IF_ERROR(keys.status());
  LIMPID_RETURN_IF_ERROR(CheckMadeFor(**keys, config, role));
  return std::unique_ptr<RoleFiles>(
      new RoleFiles(config, role, ring.parent_path(), *std::move(keys), clock));
}

RoleFiles::RoleFiles(Config config, std::string_view role,
                     std::filesystem::path directory,
                     std::unique_ptr<crypto::KeyRing> keys,
                     const base::Clock& clock)
    : config_(std::move(config)),
      made_for_(MadeFor(config_, role)),
      directory_(std::move(directory)),
      keys_(std::move(keys)),
      clock_(clock),
      first_start_(!keys_->Get(kFirstStartDone).ok()) {}

absl::StatusOr<std::unique_ptr<storage::Database>> RoleFiles::OpenDatabase(
    std::string_view name, std::vector<storage::Migration> migrations) {
  storage::Options options;
  options.path = directory_ / absl::StrCat(base::ToAbsl(name), ".db");
  LIMPID_ASSIGN_OR_RETURN(
      options.key, keys_->GetOrCreate(absl::StrCat(base::ToAbsl(name), "-db"),
                                      storage::kRawKeyBytes));
  options.migrations = std::move(migrations);
  options.reader_count = static_cast<int>(config_.storage_readers);
  options.cache_bytes = config_.storage_cache_mib * kBytesPerMib;
  options.check_all_pages = config_.storage_check_pages;
  std::error_code error;
  const bool exists = std::filesystem::exists(options.path, error);
  if (first_start_ && !exists) {
    return storage::Database::Create(std::move(options));
  }
  return storage::Database::Open(std::move(options));
}

absl::StatusOr<std::unique_ptr<tlog::Log>> RoleFiles::OpenLog(
    std::string_view name) {
  LIMPID_ASSIGN_OR_RETURN(head_,
                          tlog::FileHeadStore::Open(directory_ / "head"));
  absl::Status head = head_->Read().status();
  if (absl::IsFailedPrecondition(head) && config_.adopt_copied_logs) {
    head = head_->Adopt();
  }
  if (absl::IsFailedPrecondition(head)) {
    return absl::FailedPreconditionError(
        absl::StrCat(head.message(),
                     "; if it was moved here on purpose, see "
                     "docs/move-server.md"));
  }
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes seed,
                          keys_->GetOrCreate("log-seed", kSeedBytes));
  LIMPID_ASSIGN_OR_RETURN(crypto::Ed25519PrivateKey key,
                          crypto::Ed25519PrivateKey::FromSeed(seed));
  tlog::LogOptions options{
      directory_ / "log",
      absl::StrCat(config_.operator_name, "/", base::ToAbsl(name)),
      *head_,
      std::move(key),
      clock_,
  };
  if (first_start_) return tlog::Log::OpenOrCreate(std::move(options));
  return tlog::Log::Open(std::move(options));
}

absl::Status RoleFiles::FinishFirstStart() {
  // Data of an earlier version is taken to be of whoever starts it first.
  for (const std::string_view mark :
       {std::string_view(made_for_), kMadeForDone, kFirstStartDone}) {
    LIMPID_RETURN_IF_ERROR(keys_->GetOrCreate(mark, kSeedBytes).status());
  }
  return absl::OkStatus();
}

}  // namespace limpid::server

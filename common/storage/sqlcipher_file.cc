#include "common/storage/sqlcipher_file.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/sqlcipher_connection.h"

namespace limpid::storage {
namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kCipherKeyBytes = kRawKeyBytes - kSaltBytes;
constexpr std::size_t kPageBytes = 4096;
// What an unencrypted SQLite file begins with, terminator included.
constexpr std::string_view kPlainMagic("SQLite format 3\0", kSaltBytes);

absl::Status Damaged(const Options& options) {
  return absl::DataLossError(absl::StrCat(
      options.path.string(), " is damaged: a page failed authentication"));
}

absl::Status CheckKeyLength(const Options& options) {
  if (options.key.size() == kRawKeyBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a database key has ", kRawKeyBytes, " bytes"));
}

// Errors get the path in front, except those whose sentence has it.
absl::Status Named(const Options& options, const absl::Status& status) {
  if (status.ok()) return status;
  if (absl::IsDataLoss(status)) return Damaged(options);
  return {status.code(),
          absl::StrCat(options.path.string(), ": ", status.message())};
}

// A log that was there is kept when a refused open closes; an empty one that
// the open has made goes again.
bool HasLog(const Options& options) {
  std::error_code error;
  const std::uintmax_t size =
      std::filesystem::file_size(Beside(options.path, "-wal"), error);
  return !error && size > 0;
}

absl::StatusOr<std::unique_ptr<Connection>> Connect(const Options& options) {
  auto connection =
      Connection::Open(options.path, options.key, options.cache_bytes);
  LIMPID_RETURN_IF_ERROR(Named(options, connection.status()));
  return connection;
}

absl::StatusOr<std::int64_t> SchemaVersion(Connection& connection) {
  // The first read of the file: keying itself accepts any key.
  LIMPID_RETURN_IF_ERROR(connection.Run("SELECT count(*) FROM sqlite_master"));
  LIMPID_ASSIGN_OR_RETURN(const std::string text,
                          connection.Ask("PRAGMA user_version"));
  std::int64_t version = 0;
  if (!absl::SimpleAtoi(text, &version) || version < 0) {
    return absl::DataLossError("the schema version is not a number");
  }
  return version;
}

absl::Status RequireAnswer(Connection& connection, const char* pragma,
                           std::string_view want) {
  LIMPID_ASSIGN_OR_RETURN(const std::string got, connection.Ask(pragma));
  if (got == want) return absl::OkStatus();
  return absl::UnavailableError(
      "the disk does not support a write-ahead log (is it a network share?)");
}

// Settings that a connection needs before it changes anything.
absl::Status ConfigureWriter(Connection& connection) {
  LIMPID_RETURN_IF_ERROR(
      RequireAnswer(connection, "PRAGMA journal_mode = WAL", "wal"));
  for (const char* pragma :
       {"PRAGMA synchronous = FULL", "PRAGMA secure_delete = ON",
        // A checkpoint every 16 MiB, and the log file cut back to 64 MiB.
        "PRAGMA wal_autocheckpoint = 4096",
        "PRAGMA journal_size_limit = 67108864"}) {
    LIMPID_RETURN_IF_ERROR(connection.Run(pragma));
  }
  return RequireAnswer(connection, "PRAGMA synchronous", "2");
}

absl::Status RunMigrations(const Options& options, std::int64_t version,
                           Connection& connection) {
  for (auto index = static_cast<std::size_t>(version);
       index < options.migrations.size(); ++index) {
    const Migration& migration = options.migrations[index];
    for (const std::string& sql : migration.statements) {
      LIMPID_RETURN_IF_ERROR(connection.Execute(sql).status());
    }
    if (migration.work != nullptr) {
      LIMPID_RETURN_IF_ERROR(migration.work(connection));
    }
  }
  return connection.Run(
      absl::StrCat("PRAGMA user_version = ", options.migrations.size()));
}

absl::Status Migrate(const Options& options, std::int64_t version,
                     Connection& connection) {
  if (std::cmp_equal(version, options.migrations.size())) {
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(connection.Run("BEGIN IMMEDIATE"));
  absl::Status migrated = RunMigrations(options, version, connection);
  if (migrated.ok()) migrated = connection.Run("COMMIT");
  if (!migrated.ok() && connection.in_transaction()) {
    // The first error is the one to tell; closing rolls back as well.
    (void)connection.Run("ROLLBACK").ok();
  }
  return migrated;
}

absl::Status CreateEmptyFile(const std::filesystem::path& path) {
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::error_code ignored;
    std::filesystem::remove(Beside(path, suffix), ignored);
  }
  constexpr mode_t kOwnerOnly = 0600;
  return base::WriteFileAtomically(path, {}, kOwnerOnly);
}

absl::Status FillNewFile(const Options& options,
                         const std::filesystem::path& path) {
  LIMPID_RETURN_IF_ERROR(CreateEmptyFile(path));
  LIMPID_ASSIGN_OR_RETURN(
      const std::unique_ptr<Connection> connection,
      Connection::Open(path, options.key, options.cache_bytes));
  LIMPID_RETURN_IF_ERROR(ConfigureWriter(*connection));
  LIMPID_RETURN_IF_ERROR(Migrate(options, /*version=*/0, *connection));
  // The whole file lies under its own name before it gets its final one.
  return RequireAnswer(*connection, "PRAGMA wal_checkpoint(TRUNCATE)", "0");
}

// Reads every page in use as a statement would: through the write-ahead log.
absl::Status CheckStructure(const Options& options, Connection& connection) {
  const auto structure = connection.Ask("PRAGMA integrity_check(1)");
  LIMPID_RETURN_IF_ERROR(Named(options, structure.status()));
  return *structure == "ok" ? absl::OkStatus() : Damaged(options);
}

}  // namespace

std::filesystem::path Beside(const std::filesystem::path& path,
                             const char* suffix) {
  std::filesystem::path out = path;
  out += suffix;
  return out;
}

absl::Status CheckHeader(const Options& options) {
  LIMPID_RETURN_IF_ERROR(CheckKeyLength(options));
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(options.path, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("there is no database at ", options.path.string()));
  }
  std::string salt(kSaltBytes, '\0');
  std::ifstream file(options.path, std::ios::binary);
  if (size < kPageBytes ||
      !file.read(salt.data(), static_cast<std::streamsize>(salt.size()))) {
    return absl::DataLossError(absl::StrCat(
        options.path.string(), " is damaged: it is shorter than one page"));
  }
  if (salt == kPlainMagic) {
    return absl::FailedPreconditionError(
        absl::StrCat(options.path.string(), " is not encrypted: refused"));
  }
  const base::ByteView own =
      options.key.Reveal(base::SecretAccess::Get()).subspan(kCipherKeyBytes);
  if (!std::ranges::equal(own, base::AsBytes(salt))) {
    return absl::FailedPreconditionError(
        absl::StrCat("the key is not that of ", options.path.string()));
  }
  return absl::OkStatus();
}

absl::Status CreateFile(const Options& options) {
  LIMPID_RETURN_IF_ERROR(CheckKeyLength(options));
  std::error_code error;
  if (std::filesystem::exists(options.path, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat(options.path.string(), " exists already"));
  }
  const std::filesystem::path fresh = Beside(options.path, ".new");
  LIMPID_RETURN_IF_ERROR(Named(options, FillNewFile(options, fresh)));
  std::filesystem::rename(fresh, options.path, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot create ", options.path.string()));
  }
  return base::SyncDirectory(options.path.parent_path());
}

absl::StatusOr<std::unique_ptr<Connection>> OpenWriter(const Options& options) {
  const bool had_log = HasLog(options);
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<Connection> writer, Connect(options));
  writer->KeepLogOnClose(had_log);
  const absl::StatusOr<std::int64_t> version = SchemaVersion(*writer);
  LIMPID_RETURN_IF_ERROR(Named(options, version.status()));
  if (std::cmp_greater(*version, options.migrations.size())) {
    return absl::FailedPreconditionError(absl::StrCat(
        options.path.string(),
        " was written by a newer version: its schema is ", *version,
        ", this program knows ", options.migrations.size()));
  }
  LIMPID_RETURN_IF_ERROR(Named(options, ConfigureWriter(*writer)));
  LIMPID_RETURN_IF_ERROR(Named(options, Migrate(options, *version, *writer)));
  writer->KeepLogOnClose(false);
  return writer;
}

absl::StatusOr<std::unique_ptr<Connection>> OpenReader(const Options& options) {
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<Connection> reader, Connect(options));
  LIMPID_RETURN_IF_ERROR(reader->Run("PRAGMA query_only = ON"));
  LIMPID_RETURN_IF_ERROR(SchemaVersion(*reader).status());
  return reader;
}

absl::Status CheckPages(const Options& options) {
  const bool had_log = HasLog(options);
  LIMPID_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection,
                          Connect(options));
  connection->KeepLogOnClose(had_log);
  LIMPID_RETURN_IF_ERROR(Named(options, SchemaVersion(*connection).status()));
  LIMPID_RETURN_IF_ERROR(CheckStructure(options, *connection));
  // One row for each page that fails, in the file alone. Where there is a log,
  // such a page may be one that the log supersedes, left behind by a kill in
  // the middle of a checkpoint: what is in use was good a line above.
  const auto pages = connection->Ask("PRAGMA cipher_integrity_check");
  LIMPID_RETURN_IF_ERROR(Named(options, pages.status()));
  return pages->empty() || had_log ? absl::OkStatus() : Damaged(options);
}

}  // namespace limpid::storage

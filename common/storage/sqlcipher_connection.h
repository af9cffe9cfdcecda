// One keyed SQLCipher connection with its statement cache. Internal to this
// folder: the only header that names SQLite's types.

#ifndef LIMPID_COMMON_STORAGE_SQLCIPHER_CONNECTION_H_
#define LIMPID_COMMON_STORAGE_SQLCIPHER_CONNECTION_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/secret.h"
#include "common/storage/session.h"
#include "sqlcipher/sqlite3.h"

namespace limpid::storage {

struct DatabaseCloser {
  void operator()(sqlite3* database) const { (void)sqlite3_close_v2(database); }
};
struct StatementCloser {
  void operator()(sqlite3_stmt* statement) const {
    (void)sqlite3_finalize(statement);
  }
};

// Used by one thread at a time.
class Connection final : public Session {
 public:
  // Opens an existing file (empty when it is to be a new database), keys it,
  // checks the version of SQLCipher and applies the settings that do not touch
  // the file. Reads nothing of it.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const std::filesystem::path& path, const base::SecretBytes& key,
      std::int64_t cache_bytes);

  using Session::Execute;
  using Session::Query;
  absl::StatusOr<std::int64_t> Execute(std::string_view sql,
                                       std::span<const Value> values) override;
  absl::Status Query(std::string_view sql, std::span<const Value> values,
                     RowCallback row) override;

  // Runs text of ours that is not in the dialect: pragmas and transaction
  // control. `Ask` returns the first column of the first row, or "".
  absl::Status Run(std::string_view sql);
  absl::StatusOr<std::string> Ask(std::string_view sql);

  // False once SQLite has rolled the transaction back by itself.
  [[nodiscard]] bool in_transaction() const;
  // Met a damaged page or a failed disk: close it and open another.
  [[nodiscard]] bool spoiled() const { return spoiled_; }
  [[nodiscard]] bool disk_failed() const { return disk_failed_; }
  // The latest error that may have cost a transaction all its work.
  [[nodiscard]] const absl::Status& trouble() const { return trouble_; }
  // How long a statement waits for another connection of this process that
  // recovers or checkpoints. From Open on kMostBusy.
  static constexpr absl::Duration kMostBusy = absl::Seconds(10);
  void WaitWhenBusy(absl::Duration most);
  // Keeps the write-ahead log as it is when this connection closes last.
  void KeepLogOnClose(bool keep);
  [[nodiscard]] sqlite3* handle() { return database_.get(); }

 private:
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, StatementCloser> statement;
    int parameter_count = 0;
    bool in_use = false;
  };
  // Finds text in the cache without copying it.
  struct TextHash {
    // The name that the standard library looks for.
    using is_transparent = void;  // NOLINT(readability-identifier-naming)
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  class Lease;

  Connection() = default;
  absl::Status Key(const base::SecretBytes& key);
  absl::Status Configure(std::int64_t cache_bytes);
  absl::StatusOr<Prepared> Prepare(std::string_view sql, bool translate);
  absl::StatusOr<Lease> Borrow(std::string_view sql, bool translate);
  // Remembers what `code` says about this connection.
  absl::Status Note(int code);

  std::unique_ptr<sqlite3, DatabaseCloser> database_;
  std::unordered_map<std::string, Prepared, TextHash, std::equal_to<>> cache_;
  bool spoiled_ = false;
  bool disk_failed_ = false;
  absl::Status trouble_;
};

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_SQLCIPHER_CONNECTION_H_

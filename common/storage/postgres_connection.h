// One connection to a PostgreSQL server with its prepared statements. Internal
// to this folder: the only header that names libpq's types.

#ifndef LIMPID_COMMON_STORAGE_POSTGRES_CONNECTION_H_
#define LIMPID_COMMON_STORAGE_POSTGRES_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/postgres_target.h"
#include "common/storage/session.h"
#include "libpq-fe.h"

namespace limpid::storage {

struct PgConnectionCloser {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct PgResultCloser {
  void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, PgResultCloser>;

// What became of a COMMIT.
enum class CommitOutcome {
  kCommitted,
  // The server said that it undid everything.
  kUndone,
  // The server's answer never came, or its standby did not confirm.
  kUnknown,
};

// Used by one thread at a time.
class PostgresConnection final : public Session {
 public:
  // Connects and applies the settings of a session; looks at nothing stored.
  //
  // Errors:
  //   kUnavailable  no server, or it refused us: the sentence of libpq follows,
  //                 which names host and role, never a password.
  static absl::StatusOr<std::unique_ptr<PostgresConnection>> Open(
      const PostgresTarget& target);

  using Session::Execute;
  using Session::Query;
  absl::StatusOr<std::int64_t> Execute(std::string_view sql,
                                       std::span<const Value> values) override;
  absl::Status Query(std::string_view sql, std::span<const Value> values,
                     RowCallback row) override;

  // Runs text of ours that is not in the dialect, several statements at once
  // if need be. `Ask` returns the first row of the last one, "" for a NULL.
  absl::Status Run(const std::string& sql);
  absl::StatusOr<std::vector<std::string>> Ask(const std::string& sql);

  CommitOutcome Commit();

  // The server is gone: close it and open another. Whatever was not committed
  // is undone.
  [[nodiscard]] bool lost() const;
  [[nodiscard]] bool in_transaction() const;
  // The first error of a statement since ForgetFailure: PostgreSQL refuses
  // everything after it until a rollback.
  [[nodiscard]] const absl::Status& failure() const { return failure_; }
  void ForgetFailure() { failure_ = absl::OkStatus(); }

 private:
  PostgresConnection() = default;
  absl::Status Configure(const PostgresTarget& target);
  absl::StatusOr<PgResult> Send(std::string_view sql,
                                std::span<const Value> values);
  absl::StatusOr<PgResult> SendUnchecked(std::string_view sql,
                                         std::span<const Value> values);
  // The name of the prepared statement, "" when the cache is full.
  absl::StatusOr<std::string> Prepare(std::string_view sql,
                                      std::span<const Value> values);
  static void Hear(void* self, const PGresult* notice);

  std::unique_ptr<PGconn, PgConnectionCloser> connection_;
  // Names by the kinds of the values and the text.
  std::unordered_map<std::string, std::string> prepared_;
  absl::Status failure_;
  bool warned_ = false;
};

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_POSTGRES_CONNECTION_H_

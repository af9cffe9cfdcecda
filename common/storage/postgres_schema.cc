#include "common/storage/postgres_schema.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/storage/database.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_target.h"
#include "common/storage/session.h"

namespace limpid::storage {
namespace {

constexpr int kLeastServer = 150'000;

constexpr const char* kServerQuestion =
    "SELECT current_setting('server_version_num'), "
    "pg_is_in_recovery()::text, current_setting('fsync'), "
    "current_setting('full_page_writes'), "
    "current_setting('synchronous_commit'), "
    "pg_encoding_to_char(encoding), datcollate, datlocprovider "
    "FROM pg_database WHERE datname = current_database()";

// Fails on a standby, which has no timeline of its own: asked second.
constexpr const char* kIdentityQuestion =
    "SELECT (SELECT system_identifier FROM pg_control_system()) || '/' || "
    "substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

absl::Status Unfit(std::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("the PostgreSQL server is unfit: ", base::ToAbsl(why)));
}

absl::Status CheckSettings(std::span<const std::string> found) {
  std::size_t at = 0;
  int version = 0;
  if (!absl::SimpleAtoi(found[at++], &version) || version < kLeastServer) {
    return Unfit("it is older than version 15");
  }
  if (found[at++] != "false") return Unfit("it is a standby");
  if (found[at++] != "on") return Unfit("fsync is off");
  if (found[at++] != "on") return Unfit("full_page_writes is off");
  if (found[at++] == "off") return Unfit("synchronous_commit is off");
  if (found[at++] != "UTF8") return Unfit("the database is not in UTF8");
  const std::string& collation = found[at++];
  if ((collation != "C" && collation != "POSIX") || found[at] != "c") {
    return Unfit("the database's collation is not C");
  }
  return absl::OkStatus();
}

absl::Status RunAll(PostgresConnection& connection,
                    std::span<const Migration> migrations, std::int64_t from) {
  for (const Migration& migration :
       migrations.subspan(static_cast<std::size_t>(from))) {
    for (const std::string& statement : migration.statements) {
      LIMPID_RETURN_IF_ERROR(connection.Execute(statement).status());
    }
    if (migration.work != nullptr) {
      LIMPID_RETURN_IF_ERROR(migration.work(connection));
    }
  }
  return connection
      .Execute("UPDATE limpid_version SET version = $1",
               {static_cast<std::int64_t>(migrations.size())})
      .status();
}

// One number, or -1 for a NULL or no row.
absl::StatusOr<std::int64_t> Number(PostgresConnection& connection,
                                    const std::string& sql) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<std::string> row,
                          connection.Ask(sql));
  std::int64_t number = -1;
  if (row.empty() || !absl::SimpleAtoi(row.front(), &number)) return -1;
  return number;
}

// The objects of ours, or of anybody, in the schema; -1 without the schema.
absl::StatusOr<std::int64_t> CountTables(PostgresConnection& connection,
                                         std::string_view schema,
                                         std::string_view only) {
  return Number(connection,
                absl::StrCat("SELECT (SELECT count(*) FROM pg_class WHERE "
                             "relnamespace = n.oid",
                             base::ToAbsl(only),
                             ") FROM pg_namespace n WHERE nspname = '",
                             base::ToAbsl(schema), "'"));
}

// Runs `work` in a transaction in which no other program makes or migrates this
// schema.
absl::Status Alone(PostgresConnection& connection, std::string_view schema,
                   absl::FunctionRef<absl::Status()> work) {
  LIMPID_RETURN_IF_ERROR(connection.Run("BEGIN"));
  absl::Status status = connection.Run(
      absl::StrCat("SELECT pg_advisory_xact_lock(hashtextextended('limpid:",
                   base::ToAbsl(schema), "', 0))"));
  if (status.ok()) status = work();
  if (status.ok()) {
    switch (connection.Commit()) {
      case CommitOutcome::kCommitted:
        return absl::OkStatus();
      case CommitOutcome::kUndone:
        return absl::UnavailableError("the server undid the migration");
      case CommitOutcome::kUnknown:
        return absl::UnavailableError(
            "the connection was lost while the migration was committed: it is "
            "not known whether it was");
    }
  }
  // It is undone in any case: the caller closes the connection.
  (void)connection.Run("ROLLBACK");
  return status;
}

absl::Status FillSchema(PostgresConnection& connection, std::string_view schema,
                        std::span<const Migration> migrations) {
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t tables,
                          CountTables(connection, schema, ""));
  if (tables > 0) {
    return absl::AlreadyExistsError(absl::StrCat(
        "the schema ", base::ToAbsl(schema), " holds something already"));
  }
  if (tables < 0) {
    LIMPID_RETURN_IF_ERROR(connection.Run(
        absl::StrCat("CREATE SCHEMA \"", base::ToAbsl(schema), "\"")));
  }
  LIMPID_RETURN_IF_ERROR(
      connection.Run("CREATE TABLE limpid_version (version BIGINT NOT NULL); "
                     "INSERT INTO limpid_version (version) VALUES (0)"));
  return RunAll(connection, migrations, 0);
}

absl::Status RaiseSchema(PostgresConnection& connection,
                         std::string_view schema,
                         std::span<const Migration> migrations) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t ours,
      CountTables(connection, schema, " AND relname = 'limpid_version'"));
  if (ours < 1) {
    return absl::NotFoundError(absl::StrCat(
        "there is no database of Limpid in the schema ", base::ToAbsl(schema)));
  }
  // Waits for a writer of the older version, and holds up the next.
  LIMPID_RETURN_IF_ERROR(
      connection.Run("LOCK TABLE limpid_version IN EXCLUSIVE MODE"));
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t version,
      Number(connection, "SELECT max(version) FROM limpid_version"));
  const auto newest = static_cast<std::int64_t>(migrations.size());
  if (version < 0) {
    return absl::DataLossError(absl::StrCat("the schema ", base::ToAbsl(schema),
                                            " has lost its version"));
  }
  if (version > newest) {
    return absl::FailedPreconditionError(
        absl::StrCat("the schema ", base::ToAbsl(schema),
                     " was written by a newer version of this program"));
  }
  if (version == newest) return absl::OkStatus();
  return RunAll(connection, migrations, version);
}

}  // namespace

absl::StatusOr<std::string> CheckServer(PostgresConnection& connection) {
  constexpr std::size_t kAnswers = 8;
  LIMPID_ASSIGN_OR_RETURN(const std::vector<std::string> found,
                          connection.Ask(kServerQuestion));
  if (found.size() != kAnswers) return Unfit("it does not answer");
  LIMPID_RETURN_IF_ERROR(CheckSettings(found));
  LIMPID_ASSIGN_OR_RETURN(std::vector<std::string> identity,
                          connection.Ask(kIdentityQuestion));
  if (identity.size() != 1) return Unfit("it does not say which it is");
  return std::move(identity.front());
}

absl::StatusOr<CheckedConnection> OpenChecked(const PostgresTarget& target) {
  CheckedConnection opened;
  LIMPID_ASSIGN_OR_RETURN(opened.connection, PostgresConnection::Open(target));
  LIMPID_ASSIGN_OR_RETURN(opened.identity, CheckServer(*opened.connection));
  return opened;
}

absl::Status CreateSchema(PostgresConnection& connection,
                          std::string_view schema,
                          std::span<const Migration> migrations) {
  return Alone(connection, schema,
               [&] { return FillSchema(connection, schema, migrations); });
}

absl::Status MigrateSchema(PostgresConnection& connection,
                           std::string_view schema,
                           std::span<const Migration> migrations) {
  return Alone(connection, schema,
               [&] { return RaiseSchema(connection, schema, migrations); });
}

}  // namespace limpid::storage

#include "common/storage/postgres_connection.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/storage/dialect.h"
#include "common/storage/postgres_status.h"
#include "common/storage/postgres_target.h"
#include "common/storage/postgres_values.h"
#include "common/storage/session.h"
#include "libpq-fe.h"

namespace limpid::storage {
namespace {

// As in the other engine: more texts than this are built from values.
constexpr std::size_t kMaxPrepared = 512;
constexpr int kBinary = 1;

std::string_view FieldOf(const PGresult* result, int field) {
  const char* text = PQresultErrorField(result, field);
  return text == nullptr ? std::string_view() : std::string_view(text);
}

absl::Status StatusOf(const PGresult* result) {
  switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
      return absl::OkStatus();
    case PGRES_EMPTY_QUERY:
      return absl::InternalError("a statement is empty");
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
    case PGRES_COPY_OUT:
    case PGRES_COPY_IN:
    case PGRES_COPY_BOTH:
    case PGRES_SINGLE_TUPLE:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
      break;
  }
  return FromSqlState(FieldOf(result, PG_DIAG_SQLSTATE));
}

// The rows that an INSERT, UPDATE or DELETE changed. A SELECT has a number in
// its tag as well.
std::int64_t ChangedBy(PGresult* result) {
  if (std::string_view(PQcmdStatus(result)).substr(0, 6) == "SELECT") return 0;
  std::int64_t changed = 0;
  // Other statements have none, and change none.
  if (!absl::SimpleAtoi(PQcmdTuples(result), &changed)) return 0;
  return changed;
}

// libpq's sentence about a failed connection, one line.
std::string WhyNot(PGconn* connection, const PostgresTarget& target) {
  const std::string_view whole = PQerrorMessage(connection);
  std::string line(whole.substr(0, whole.find('\n')));
  const auto password = target.parameters.find("password");
  // libpq does not repeat it; nothing here depends on that.
  if (password != target.parameters.end() && !password->second.empty() &&
      line.find(password->second) != std::string::npos) {
    return "it gave a reason that may not be shown";
  }
  return line;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(
    const PostgresTarget& target) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : target.parameters) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<PostgresConnection> opened(new PostgresConnection());
  opened->connection_.reset(
      PQconnectdbParams(keywords.data(), values.data(), /*expand_dbname=*/0));
  PGconn* connection = opened->connection_.get();
  if (PQstatus(connection) != CONNECTION_OK) {
    return absl::UnavailableError(
        absl::StrCat("cannot connect to the PostgreSQL server: ",
                     WhyNot(connection, target)));
  }
  // Otherwise notices, which may name values, go to standard error.
  (void)PQsetNoticeReceiver(connection, &PostgresConnection::Hear,
                            opened.get());
  LIMPID_RETURN_IF_ERROR(opened->Configure(target));
  return opened;
}

absl::Status PostgresConnection::Configure(const PostgresTarget& target) {
  // Explicit in the session, so that a reload of the server's configuration
  // cannot weaken a session that was checked. pg_temp last: a temporary table
  // hides nothing. row_security off turns a policy that would hide rows into
  // an error. A writer that hangs holds up the others for a minute at most.
  return Run(absl::StrCat(
      "SELECT set_config('search_path', '", target.schema,
      ", pg_temp', false), "
      "set_config('synchronous_commit', current_setting('synchronous_commit'), "
      "false), set_config('lock_timeout', '10s', false), "
      "set_config('idle_in_transaction_session_timeout', '60s', false), "
      "set_config('row_security', 'off', false), "
      "set_config('client_min_messages', 'warning', false)"));
}

void PostgresConnection::Hear(void* self, const PGresult* notice) {
  const std::string_view severity =
      FieldOf(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (severity != "WARNING") return;
  static_cast<PostgresConnection*>(self)->warned_ = true;
}

bool PostgresConnection::lost() const {
  return PQstatus(connection_.get()) != CONNECTION_OK;
}

bool PostgresConnection::in_transaction() const {
  return PQtransactionStatus(connection_.get()) != PQTRANS_IDLE;
}

absl::StatusOr<std::vector<std::string>> PostgresConnection::Ask(
    const std::string& sql) {
  const PgResult result(PQexec(connection_.get(), sql.c_str()));
  LIMPID_RETURN_IF_ERROR(StatusOf(result.get()));
  std::vector<std::string> row;
  if (PQntuples(result.get()) == 0) return row;
  for (int column = 0; column < PQnfields(result.get()); ++column) {
    row.emplace_back(PQgetvalue(result.get(), 0, column));
  }
  return row;
}

absl::Status PostgresConnection::Run(const std::string& sql) {
  return Ask(sql).status();
}

CommitOutcome PostgresConnection::Commit() {
  warned_ = false;
  const PgResult result(PQexec(connection_.get(), "COMMIT"));
  if (StatusOf(result.get()).ok()) {
    // A transaction that had failed answers COMMIT with the tag ROLLBACK.
    if (std::string_view(PQcmdStatus(result.get())) != "COMMIT") {
      return CommitOutcome::kUndone;
    }
    // "The transaction has already committed locally, but might not have been
    // replicated to the standby" is a warning.
    return warned_ ? CommitOutcome::kUnknown : CommitOutcome::kCommitted;
  }
  // The server that reports an error and goes on has undone it.
  return !lost() && !in_transaction() ? CommitOutcome::kUndone
                                      : CommitOutcome::kUnknown;
}

absl::StatusOr<std::string> PostgresConnection::Prepare(
    std::string_view sql, std::span<const Value> values) {
  std::string key = KindsOf(values);
  key += ':';
  key += sql;
  const auto found = prepared_.find(key);
  if (found != prepared_.end()) return found->second;
  LIMPID_ASSIGN_OR_RETURN(const PostgresStatement statement, ToPostgres(sql));
  if (std::cmp_not_equal(values.size(), statement.parameter_count)) {
    return absl::InternalError(
        "a statement has another number of placeholders than values");
  }
  const bool keep = prepared_.size() < kMaxPrepared;
  std::string name = keep ? absl::StrCat("s", prepared_.size()) : "";
  const PostgresParameters parameters(values);
  const PgResult result(PQprepare(connection_.get(), name.c_str(),
                                  statement.sql.c_str(), parameters.count(),
                                  parameters.types()));
  LIMPID_RETURN_IF_ERROR(StatusOf(result.get()));
  if (keep) prepared_.emplace(std::move(key), name);
  return name;
}

absl::StatusOr<PgResult> PostgresConnection::SendUnchecked(
    std::string_view sql, std::span<const Value> values) {
  LIMPID_RETURN_IF_ERROR(CheckValues(values));
  LIMPID_ASSIGN_OR_RETURN(const std::string name, Prepare(sql, values));
  const PostgresParameters parameters(values);
  PgResult result(PQexecPrepared(
      connection_.get(), name.c_str(), parameters.count(), parameters.data(),
      parameters.sizes(), parameters.formats(), kBinary));
  LIMPID_RETURN_IF_ERROR(StatusOf(result.get()));
  return result;
}

absl::StatusOr<PgResult> PostgresConnection::Send(
    std::string_view sql, std::span<const Value> values) {
  LIMPID_RETURN_IF_ERROR(failure_);
  absl::StatusOr<PgResult> result = SendUnchecked(sql, values);
  if (!result.ok()) failure_ = result.status();
  return result;
}

absl::StatusOr<std::int64_t> PostgresConnection::Execute(
    std::string_view sql, std::span<const Value> values) {
  LIMPID_ASSIGN_OR_RETURN(const PgResult result, Send(sql, values));
  return ChangedBy(result.get());
}

absl::Status PostgresConnection::Query(std::string_view sql,
                                       std::span<const Value> values,
                                       RowCallback row) {
  LIMPID_ASSIGN_OR_RETURN(const PgResult result, Send(sql, values));
  return ForEachRow(result.get(), row);
}

}  // namespace limpid::storage

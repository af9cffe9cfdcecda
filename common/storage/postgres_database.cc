#include "common/storage/postgres_database.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/group_commit.h"
#include "common/storage/postgres.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_schema.h"
#include "common/storage/postgres_target.h"
#include "common/storage/session.h"

namespace limpid::storage {
namespace {

// LOCK takes no snapshot, so the one that the SELECT takes is of the moment
// when the writer before us, of whatever process, had committed. An advisory
// lock taken by a SELECT would give a snapshot from before the wait.
constexpr const char* kBeginWrite =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ WRITE; "
    "LOCK TABLE limpid_version IN EXCLUSIVE MODE; "
    "SELECT max(version), current_setting('fsync'), "
    "current_setting('full_page_writes') FROM limpid_version";
constexpr const char* kBeginRead =
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
    "SELECT max(version), 'on', 'on' FROM limpid_version";

absl::Status Lost() {
  return absl::UnavailableError(
      "the connection to the database was lost before the commit: nothing of "
      "this call was stored");
}

// A work that failed by itself keeps its own reason.
void FailAll(std::span<Pending* const> batch, const absl::Status& status) {
  for (Pending* pending : batch) {
    if (pending->status.ok()) pending->status = status;
  }
}

// Runs one work. What failed in the session cannot succeed as a whole.
absl::Status RunOne(Work work, PostgresConnection& session) {
  session.ForgetFailure();
  absl::Status status = work(session);
  if (status.ok()) status = session.failure();
  return status;
}

absl::StatusOr<std::unique_ptr<Database>> Start(const PostgresOptions& options,
                                                PostgresTarget target,
                                                CheckedConnection first) {
  return std::make_unique<PostgresDatabase>(
      std::move(target), options.migrations.size(), options.reader_count,
      std::move(first));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> CreatePostgres(
    PostgresOptions options) {
  LIMPID_ASSIGN_OR_RETURN(
      PostgresTarget target,
      ParsePostgresTarget(options.connection, options.schema));
  LIMPID_ASSIGN_OR_RETURN(CheckedConnection first, OpenChecked(target));
  LIMPID_RETURN_IF_ERROR(
      CreateSchema(*first.connection, target.schema, options.migrations));
  return Start(options, std::move(target), std::move(first));
}

absl::StatusOr<std::unique_ptr<Database>> OpenPostgres(
    PostgresOptions options) {
  LIMPID_ASSIGN_OR_RETURN(
      PostgresTarget target,
      ParsePostgresTarget(options.connection, options.schema));
  LIMPID_ASSIGN_OR_RETURN(CheckedConnection first, OpenChecked(target));
  LIMPID_RETURN_IF_ERROR(
      MigrateSchema(*first.connection, target.schema, options.migrations));
  return Start(options, std::move(target), std::move(first));
}

PostgresDatabase::PostgresDatabase(PostgresTarget target, std::size_t version,
                                   int reader_count, CheckedConnection first)
    : target_(std::move(target)),
      version_(version),
      identity_(std::move(first.identity)),
      writer_(std::move(first.connection)) {
  readers_.resize(static_cast<std::size_t>(std::max(1, reader_count)));
}

absl::StatusOr<PostgresDatabase::Slot> PostgresDatabase::Connect() const {
  LIMPID_ASSIGN_OR_RETURN(CheckedConnection opened, OpenChecked(target_));
  if (opened.identity != identity_) {
    return absl::UnavailableError(
        "the server is another one, or goes on from an earlier point, since "
        "the database was opened: open it again");
  }
  return std::move(opened.connection);
}

absl::Status PostgresDatabase::CheckVersion(
    std::span<const std::string> found) const {
  if (found.size() != 3 || found[0] != absl::StrCat(version_)) {
    return absl::FailedPreconditionError(
        "the schema was changed by another version of this program");
  }
  if (found[1] != "on" || found[2] != "on") {
    return absl::FailedPreconditionError(
        "the server no longer keeps what it confirms: fsync or "
        "full_page_writes is off");
  }
  return absl::OkStatus();
}

absl::Status PostgresDatabase::BeginIn(Slot& slot,
                                       const std::string& begin) const {
  for (;;) {
    const bool fresh = slot == nullptr;
    if (fresh) {
      LIMPID_ASSIGN_OR_RETURN(slot, Connect());
    }
    const auto found = slot->Ask(begin);
    absl::Status status =
        found.ok() ? CheckVersion(*found) : absl::Status(found.status());
    if (status.ok()) return status;
    if (!slot->lost()) (void)slot->Run("ROLLBACK");
    if (!slot->lost()) return status;
    slot.reset();
    if (fresh) return status;
  }
}

absl::Status PostgresDatabase::Write(Work work) {
  return commits_.Run(
      work, [this](std::span<Pending* const> batch) { RunBatch(batch); });
}

void PostgresDatabase::RunBatch(std::span<Pending* const> batch) {
  const base::MutexLock lock(writer_mutex_);
  if (absl::Status begun = BeginWrite(); !begun.ok()) {
    FailAll(batch, begun);
    return;
  }
  absl::Status broken = RunWorks(batch);
  if (absl::Status ended = EndWrite(batch, std::move(broken)); !ended.ok()) {
    FailAll(batch, ended);
  }
}

absl::Status PostgresDatabase::BeginWrite() {
  LIMPID_RETURN_IF_ERROR(closed_);
  return BeginIn(writer_, kBeginWrite);
}

// An error means that no work of the batch may be committed.
absl::Status PostgresDatabase::RunWorks(std::span<Pending* const> batch) {
  if (batch.size() == 1) {
    batch.front()->status = RunOne(batch.front()->work, *writer_);
    return absl::OkStatus();
  }
  LIMPID_RETURN_IF_ERROR(writer_->Run("SAVEPOINT one"));
  for (Pending* pending : batch) {
    pending->status = RunOne(pending->work, *writer_);
    if (writer_->lost()) return Lost();
    // A savepoint that was rolled back to is still there for the next.
    LIMPID_RETURN_IF_ERROR(writer_->Run(
        pending->status.ok() ? "RELEASE SAVEPOINT one; SAVEPOINT one"
                             : "ROLLBACK TO SAVEPOINT one"));
  }
  return absl::OkStatus();
}

// Commits, or undoes when nothing succeeded. An error means that no work of
// the batch may be acknowledged.
absl::Status PostgresDatabase::EndWrite(std::span<Pending* const> batch,
                                        absl::Status broken) {
  const bool wanted = std::ranges::any_of(
      batch, [](const Pending* pending) { return pending->status.ok(); });
  absl::Status ended = std::move(broken);
  if (ended.ok() && wanted) ended = CommitWrite();
  if (!writer_->lost() && writer_->in_transaction()) {
    // Should it fail, the connection goes and the server undoes it.
    if (!writer_->Run("ROLLBACK").ok()) writer_.reset();
  }
  if (writer_ != nullptr && writer_->lost()) writer_.reset();
  return ended;
}

absl::Status PostgresDatabase::CommitWrite() {
  if (writer_->lost()) return Lost();
  switch (writer_->Commit()) {
    case CommitOutcome::kCommitted:
      return absl::OkStatus();
    case CommitOutcome::kUndone:
      return absl::UnavailableError(
          "the server undid the transaction: nothing of this call was stored");
    case CommitOutcome::kUnknown:
      break;
  }
  closed_ = absl::UnavailableError(
      "the outcome of a commit is not known: the database takes no changes "
      "until it is opened again");
  return absl::UnavailableError(
      "the server did not confirm the commit: it is not known whether this "
      "call was stored");
}

absl::Status PostgresDatabase::Read(Work work) const {
  Slot reader = TakeReader();
  absl::Status status = BeginIn(reader, kBeginRead);
  if (status.ok()) {
    reader->ForgetFailure();
    status = work(*reader);
    if (reader->lost() || !reader->Run("ROLLBACK").ok()) reader.reset();
  }
  GiveBack(std::move(reader));
  return status;
}

PostgresDatabase::Slot PostgresDatabase::TakeReader() const {
  const base::MutexLock lock(readers_mutex_);
  while (readers_.empty()) reader_back_.Wait(readers_mutex_);
  Slot reader = std::move(readers_.back());
  readers_.pop_back();
  return reader;
}

void PostgresDatabase::GiveBack(Slot reader) const {
  const base::MutexLock lock(readers_mutex_);
  // The open ones at the end are taken first.
  if (reader == nullptr) {
    readers_.insert(readers_.begin(), nullptr);
  } else {
    readers_.push_back(std::move(reader));
  }
  reader_back_.NotifyOne();
}

absl::Status PostgresDatabase::CheckIntegrity() const {
  return Read([this](Session& session) -> absl::Status {
    std::vector<std::string> tables;
    LIMPID_RETURN_IF_ERROR(session.Query(
        "SELECT CAST(relname AS TEXT) FROM pg_class WHERE relkind = 'r' AND "
        "relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)",
        {std::string_view(target_.schema)}, [&](const Row& row) {
          tables.emplace_back(row.Text(0));
          return absl::OkStatus();
        }));
    // As text, so that every value is read whole and not only its row. Our
    // names need no quotes.
    for (const std::string& table : tables) {
      LIMPID_RETURN_IF_ERROR(session.Query(
          absl::StrCat("SELECT count(CAST(t AS TEXT)) FROM ", table, " t"), {},
          [](const Row&) { return absl::OkStatus(); }));
    }
    return absl::OkStatus();
  });
}

absl::Status PostgresDatabase::Checkpoint() { return absl::OkStatus(); }

}  // namespace limpid::storage

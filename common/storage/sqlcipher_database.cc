#include "common/storage/sqlcipher_database.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/file.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/storage/database.h"
#include "common/storage/group_commit.h"
#include "common/storage/sqlcipher_connection.h"
#include "common/storage/sqlcipher_file.h"
#include "common/storage/sqlcipher_status.h"
#include "sqlcipher/sqlite3.h"

namespace limpid::storage {
namespace {

// How long reads wait for a checkpoint to begin: some ten times a read of one
// person. Behind a longer one they go on, and the checkpoint polls.
constexpr absl::Duration kMostHold = absl::Milliseconds(5);
// How long SQLite polls for such a read while the one writer waits for it, and
// how long writes are let through before the next try.
constexpr absl::Duration kMostPolled = absl::Milliseconds(50);
constexpr absl::Duration kBetweenTries = absl::Milliseconds(100);
// For how long a checkpoint is tried. No page of anything that is listed takes
// as long to read.
constexpr absl::Duration kMostCheckpoint = absl::Seconds(10);

absl::StatusOr<base::FileLock> Lock(const Options& options) {
  auto lock = base::FileLock::Acquire(Beside(options.path, ".lock"));
  if (lock.ok()) return lock;
  if (absl::IsNotFound(lock.status())) {
    return absl::NotFoundError(
        absl::StrCat("there is no directory for ", options.path.string()));
  }
  return absl::Status(lock.status().code(),
                      absl::StrCat("cannot open ", options.path.string(), ": ",
                                   lock.status().message()));
}

// What callers of a lost batch are told whose own work went well. Nothing of
// it was committed.
absl::Status LossOf(const Connection& connection) {
  if (absl::IsResourceExhausted(connection.trouble()) ||
      connection.disk_failed()) {
    return connection.trouble();
  }
  return absl::UnavailableError(
      "the database undid the transaction: another one met a damaged page");
}

// A work that failed by itself keeps its own reason.
void FailAll(std::span<Pending* const> batch, const absl::Status& status) {
  for (Pending* pending : batch) {
    if (pending->status.ok()) pending->status = status;
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Create(Options options) {
  LIMPID_ASSIGN_OR_RETURN(base::FileLock lock, Lock(options));
  LIMPID_RETURN_IF_ERROR(CreateFile(options));
  return SqlcipherDatabase::OpenLocked(std::move(options), std::move(lock));
}

absl::StatusOr<std::unique_ptr<Database>> Database::Open(Options options) {
  // First, so that a mistyped path gets no lock file.
  LIMPID_RETURN_IF_ERROR(CheckHeader(options));
  LIMPID_ASSIGN_OR_RETURN(base::FileLock lock, Lock(options));
  return SqlcipherDatabase::OpenLocked(std::move(options), std::move(lock));
}

absl::StatusOr<std::unique_ptr<Database>> SqlcipherDatabase::OpenLocked(
    Options options, base::FileLock lock) {
  if (options.check_all_pages) LIMPID_RETURN_IF_ERROR(CheckPages(options));
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<Connection> writer,
                          OpenWriter(options));
  return std::unique_ptr<Database>(new SqlcipherDatabase(
      std::move(options), std::move(lock), std::move(writer)));
}

SqlcipherDatabase::SqlcipherDatabase(Options options, base::FileLock lock,
                                     std::unique_ptr<Connection> writer)
    : options_(std::move(options)),
      lock_(std::move(lock)),
      writer_(std::move(writer)) {
  readers_.resize(static_cast<std::size_t>(std::max(1, options_.reader_count)));
}

absl::Status SqlcipherDatabase::Write(Work work) {
  return commits_.Run(
      work, [this](std::span<Pending* const> batch) { RunBatch(batch); });
}

void SqlcipherDatabase::RunBatch(std::span<Pending* const> batch) {
  const base::MutexLock lock(writer_mutex_);
  if (absl::Status begun = Begin(); !begun.ok()) {
    FailAll(batch, begun);
    return;
  }
  const absl::Status broken = RunWorks(batch);
  if (absl::Status ended = End(batch, broken); !ended.ok()) {
    FailAll(batch, ended);
  }
}

absl::Status SqlcipherDatabase::Begin() {
  if (disk_failed_) {
    return absl::UnavailableError(
        "the disk failed: the database takes no changes until it is opened "
        "again");
  }
  if (writer_ == nullptr) {
    LIMPID_ASSIGN_OR_RETURN(writer_, OpenWriter(options_));
  }
  return writer_->Run("BEGIN IMMEDIATE");
}

// An error means that no work of the batch may be committed.
absl::Status SqlcipherDatabase::RunWorks(std::span<Pending* const> batch) {
  if (batch.size() == 1) {
    batch.front()->status = batch.front()->work(*writer_);
    return absl::OkStatus();
  }
  for (Pending* pending : batch) {
    LIMPID_RETURN_IF_ERROR(RunInSavepoint(*pending));
    if (writer_->spoiled() || !writer_->in_transaction()) break;
  }
  return absl::OkStatus();
}

// An error means that what the work left can be neither kept nor undone alone.
absl::Status SqlcipherDatabase::RunInSavepoint(Pending& pending) {
  LIMPID_RETURN_IF_ERROR(writer_->Run("SAVEPOINT one"));
  pending.status = pending.work(*writer_);
  // SQLite may have undone the whole transaction by itself.
  if (!writer_->in_transaction()) return absl::OkStatus();
  if (!pending.status.ok()) {
    LIMPID_RETURN_IF_ERROR(writer_->Run("ROLLBACK TO one"));
  }
  return writer_->Run("RELEASE one");
}

// Commits, or undoes when nothing succeeded. An error means that no work of
// the batch may be acknowledged.
absl::Status SqlcipherDatabase::End(std::span<Pending* const> batch,
                                    const absl::Status& broken) {
  const bool lost = writer_->spoiled() || !writer_->in_transaction();
  const bool wanted = std::ranges::any_of(
      batch, [](const Pending* pending) { return pending->status.ok(); });
  absl::Status ended = lost ? LossOf(*writer_) : broken;
  if (!lost && broken.ok() && wanted) ended = writer_->Run("COMMIT");
  if (writer_->in_transaction()) {
    const absl::Status undone = writer_->Run("ROLLBACK");
    if (!undone.ok() && ended.ok()) ended = undone;
  }
  if (writer_->disk_failed()) disk_failed_ = true;
  if (writer_->spoiled()) writer_.reset();
  return ended;
}

absl::Status SqlcipherDatabase::Read(Work work) const {
  LIMPID_ASSIGN_OR_RETURN(std::unique_ptr<Connection> reader, TakeReader());
  absl::Status status = reader->Run("BEGIN");
  if (status.ok()) status = work(*reader);
  if (reader->in_transaction()) {
    const absl::Status ended = reader->Run("ROLLBACK");
    if (status.ok()) status = ended;
  }
  GiveBack(std::move(reader));
  return status;
}

absl::StatusOr<std::unique_ptr<Connection>> SqlcipherDatabase::TakeReader()
    const {
  std::unique_ptr<Connection> reader;
  {
    const base::MutexLock lock(readers_mutex_);
    while (readers_.empty() || readers_held_) reader_back_.Wait(readers_mutex_);
    reader = std::move(readers_.back());
    readers_.pop_back();
  }
  if (reader != nullptr) return reader;
  auto opened = OpenReader(options_);
  if (!opened.ok()) GiveBack(nullptr);
  return opened;
}

void SqlcipherDatabase::GiveBack(std::unique_ptr<Connection> reader) const {
  if (reader != nullptr && reader->spoiled()) reader.reset();
  const base::MutexLock lock(readers_mutex_);
  // The warm ones at the end are taken first.
  if (reader == nullptr) {
    readers_.insert(readers_.begin(), nullptr);
  } else {
    readers_.push_back(std::move(reader));
  }
  reader_back_.NotifyOne();
  if (readers_held_) all_readers_back_.NotifyOne();
}

bool SqlcipherDatabase::HoldReaders() {
  const base::MutexLock lock(readers_mutex_);
  readers_held_ = true;
  const auto count =
      static_cast<std::size_t>(std::max(1, options_.reader_count));
  // One for all: readers that come back one by one hold the others no longer.
  // Not by the wall, which may be set back.
  const base::SystemClock clock;
  const absl::Duration until = clock.Monotonic() + kMostHold;
  while (readers_.size() < count) {
    const absl::Duration left = until - clock.Monotonic();
    if (left > absl::ZeroDuration()) {
      (void)all_readers_back_.WaitFor(readers_mutex_, left);
      continue;
    }
    readers_held_ = false;
    reader_back_.NotifyAll();
    return false;
  }
  return true;
}

void SqlcipherDatabase::ReleaseReaders() {
  const base::MutexLock lock(readers_mutex_);
  readers_held_ = false;
  reader_back_.NotifyAll();
}

absl::Status SqlcipherDatabase::CheckIntegrity() const {
  // A checkpoint in the middle of it would look like damage.
  const base::MutexLock lock(writer_mutex_);
  return CheckPages(options_);
}

absl::Status SqlcipherDatabase::Checkpoint() {
  return checkpoints_.Run([](Session& /*session*/) { return absl::OkStatus(); },
                          [this](std::span<Pending* const> batch) {
                            const absl::Status done = RunCheckpoint();
                            for (Pending* pending : batch)
                              pending->status = done;
                          });
}

absl::Status SqlcipherDatabase::RunCheckpoint() {
  const base::SystemClock clock;
  const absl::Duration until = clock.Monotonic() + kMostCheckpoint;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const bool done, TryCheckpoint());
    if (done) return absl::OkStatus();
    if (clock.Monotonic() >= until) {
      return absl::UnavailableError(
          "a read that takes long keeps the database from clearing its log; "
          "try again later");
    }
    absl::SleepFor(kBetweenTries);
  }
}

absl::StatusOr<bool> SqlcipherDatabase::TryCheckpoint() {
  const base::MutexLock lock(writer_mutex_);
  if (disk_failed_) {
    return absl::UnavailableError("the database takes no changes now");
  }
  // What spoiled it was another's work.
  if (writer_ == nullptr) {
    LIMPID_ASSIGN_OR_RETURN(writer_, OpenWriter(options_));
  }
  // Most of it, and its syncs, beside reads. How far it came does not matter; a
  // disk that failed is not asked again.
  const int most = sqlite3_wal_checkpoint_v2(
      writer_->handle(), /*zDb=*/nullptr, SQLITE_CHECKPOINT_PASSIVE,
      /*pnLog=*/nullptr, /*pnCkpt=*/nullptr);
  if (most != SQLITE_OK && most != SQLITE_BUSY) return FromSqlite(most);
  // Against readers that come and go SQLite polls, in steps of up to 100 ms,
  // and may meet one each time.
  const bool alone = HoldReaders();
  writer_->WaitWhenBusy(kMostPolled);
  const int code = sqlite3_wal_checkpoint_v2(
      writer_->handle(), /*zDb=*/nullptr, SQLITE_CHECKPOINT_TRUNCATE,
      /*pnLog=*/nullptr, /*pnCkpt=*/nullptr);
  writer_->WaitWhenBusy(Connection::kMostBusy);
  if (alone) ReleaseReaders();
  if (code == SQLITE_BUSY) return false;
  LIMPID_RETURN_IF_ERROR(FromSqlite(code));
  return true;
}

}  // namespace limpid::storage

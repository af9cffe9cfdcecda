// Database over one SQLCipher file. Internal: callers see database.h.

#ifndef LIMPID_COMMON_STORAGE_SQLCIPHER_DATABASE_H_
#define LIMPID_COMMON_STORAGE_SQLCIPHER_DATABASE_H_

#include <memory>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/file.h"
#include "common/base/mutex.h"
#include "common/storage/database.h"
#include "common/storage/group_commit.h"
#include "common/storage/sqlcipher_connection.h"

namespace limpid::storage {

class SqlcipherDatabase final : public Database {
 public:
  // `lock` is held on "<path>.lock".
  static absl::StatusOr<std::unique_ptr<Database>> OpenLocked(
      Options options, base::FileLock lock);

  absl::Status Write(Work work) override;
  absl::Status Read(Work work) const override;
  absl::Status CheckIntegrity() const override;
  absl::Status Checkpoint() override;

 private:
  SqlcipherDatabase(Options options, base::FileLock lock,
                    std::unique_ptr<Connection> writer);

  void RunBatch(std::span<Pending* const> batch);
  // Tries until no read is in the way, for a bounded time. Writes go on between
  // two tries.
  absl::Status RunCheckpoint();
  // False: a read that takes long still needs the log.
  absl::StatusOr<bool> TryCheckpoint();
  // New reads wait from now on. True once none is running; false, and they go
  // on, when one takes longer than a checkpoint may hold up the others.
  bool HoldReaders();
  void ReleaseReaders();
  absl::Status Begin() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status RunWorks(std::span<Pending* const> batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status RunInSavepoint(Pending& pending)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status End(std::span<Pending* const> batch, const absl::Status& broken)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::StatusOr<std::unique_ptr<Connection>> TakeReader() const;
  void GiveBack(std::unique_ptr<Connection> reader) const;

  const Options options_;
  // Before the connections, so that it is let go after they are closed.
  base::FileLock lock_;

  mutable base::Mutex writer_mutex_;
  // Empty after a damaged page: opened again by the next batch.
  std::unique_ptr<Connection> writer_ ABSL_GUARDED_BY(writer_mutex_);
  bool disk_failed_ ABSL_GUARDED_BY(writer_mutex_) = false;
  GroupCommit commits_;
  // Whoever asks while one runs shares the next: it covers all that they wrote.
  GroupCommit checkpoints_;

  mutable base::Mutex readers_mutex_;
  mutable base::ConditionVariable reader_back_;
  mutable base::ConditionVariable all_readers_back_;
  bool readers_held_ ABSL_GUARDED_BY(readers_mutex_) = false;
  // Idle ones; an empty pointer stands for one to be opened.
  mutable std::vector<std::unique_ptr<Connection>> readers_
      ABSL_GUARDED_BY(readers_mutex_);
};

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_SQLCIPHER_DATABASE_H_

// Database over one schema of a PostgreSQL server. Internal: callers see
// postgres.h.

#ifndef LIMPID_COMMON_STORAGE_POSTGRES_DATABASE_H_
#define LIMPID_COMMON_STORAGE_POSTGRES_DATABASE_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/storage/database.h"
#include "common/storage/group_commit.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_schema.h"
#include "common/storage/postgres_target.h"

namespace limpid::storage {

class PostgresDatabase final : public Database {
 public:
  // `first` becomes the writer; every later connection must be to the same
  // server. `version` is the newest that the program knows.
  PostgresDatabase(PostgresTarget target, std::size_t version, int reader_count,
                   CheckedConnection first);

  absl::Status Write(Work work) override;
  absl::Status Read(Work work) const override;
  absl::Status CheckIntegrity() const override;
  absl::Status Checkpoint() override;

 private:
  using Slot = std::unique_ptr<PostgresConnection>;

  void RunBatch(std::span<Pending* const> batch);
  absl::Status BeginWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status RunWorks(std::span<Pending* const> batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status EndWrite(std::span<Pending* const> batch, absl::Status broken)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);
  absl::Status CommitWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(writer_mutex_);

  // Begins in `slot`, connecting when it is empty, or once more when the
  // connection turns out to be lost. Nothing has run by then.
  absl::Status BeginIn(Slot& slot, const std::string& begin) const;
  absl::StatusOr<Slot> Connect() const;
  absl::Status CheckVersion(std::span<const std::string> found) const;
  [[nodiscard]] Slot TakeReader() const;
  void GiveBack(Slot reader) const;

  const PostgresTarget target_;
  const std::size_t version_;
  const std::string identity_;

  base::Mutex writer_mutex_;
  // Empty after it was lost: connected again by the next batch.
  Slot writer_ ABSL_GUARDED_BY(writer_mutex_);
  // Not OK once it is not known what was committed.
  absl::Status closed_ ABSL_GUARDED_BY(writer_mutex_);
  GroupCommit commits_;

  mutable base::Mutex readers_mutex_;
  mutable base::ConditionVariable reader_back_;
  // Idle ones; an empty pointer stands for one to be opened.
  mutable std::vector<Slot> readers_ ABSL_GUARDED_BY(readers_mutex_);
};

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_POSTGRES_DATABASE_H_

// A database whose checkpoints fail as often as a test likes, as on a disk that
// is full.

#ifndef LIMPID_TESTS_INTEGRATION_ALGOREGISTER_FAILING_CHECKPOINT_H_
#define LIMPID_TESTS_INTEGRATION_ALGOREGISTER_FAILING_CHECKPOINT_H_

#include "absl/status/status.h"
#include "common/storage/database.h"

namespace limpid::algoregister {

// `database` must outlive it.
class FailingCheckpoint final : public storage::Database {
 public:
  explicit FailingCheckpoint(storage::Database& database)
      : database_(database) {}

  void FailNext(int times) { failures_ = times; }

  absl::Status Write(storage::Work work) override {
    return database_.Write(work);
  }
  absl::Status Read(storage::Work work) const override {
    return database_.Read(work);
  }
  absl::Status CheckIntegrity() const override {
    return database_.CheckIntegrity();
  }
  absl::Status Checkpoint() override {
    if (failures_ == 0) return database_.Checkpoint();
    --failures_;
    return absl::ResourceExhaustedError("no space is left");
  }

 private:
  storage::Database& database_;
  int failures_ = 0;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_TESTS_INTEGRATION_ALGOREGISTER_FAILING_CHECKPOINT_H_

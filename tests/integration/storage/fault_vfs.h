// A disk that fails on purpose, under the database: refuses the n-th write or
// sync, or forgets at a power cut everything that was not synced. Wraps
// SQLite's own file layer and is the default one while it lives.

#ifndef LIMPID_TESTS_INTEGRATION_STORAGE_FAULT_VFS_H_
#define LIMPID_TESTS_INTEGRATION_STORAGE_FAULT_VFS_H_

#include <filesystem>

namespace limpid::storage {

enum class Fault {
  kNone,
  // Every write from the n-th on fails as on a full disk.
  kFullDisk,
  // The n-th write fails as on a broken disk.
  kWriteError,
  // The n-th sync fails; what it should have synced counts as lost.
  kSyncError,
};

// One at a time per process. Thread-safe.
class FaultVfs {
 public:
  FaultVfs();
  ~FaultVfs();
  FaultVfs(const FaultVfs&) = delete;
  FaultVfs& operator=(const FaultVfs&) = delete;

  // Counts operations from now on; the n-th (from 1) is the one.
  void Arm(Fault fault, int nth);
  void Disarm() { Arm(Fault::kNone, 0); }
  // Whether the armed fault has happened.
  [[nodiscard]] bool happened() const;
  // Remembers what lies in `directory` now as synced, and from now on what
  // each sync made durable.
  void WatchSyncs(const std::filesystem::path& directory);
  // The moment of the cut: later syncs do not count.
  void Freeze();
  // With all files closed: puts every file of the watched directory back to
  // what was last synced.
  void CutPower();
};

}  // namespace limpid::storage

#endif  // LIMPID_TESTS_INTEGRATION_STORAGE_FAULT_VFS_H_

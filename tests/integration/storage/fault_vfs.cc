#include "tests/integration/storage/fault_vfs.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "common/base/check.h"
#include "common/base/mutex.h"
#include "sqlcipher/sqlite3.h"
#include "tests/testing/shared.h"

namespace limpid::storage {
namespace {

// What the layer below SQLite knows; its callbacks are plain functions.
struct Disk {
  base::Mutex mutex;
  Fault fault = Fault::kNone;
  int countdown = 0;
  bool happened = false;
  std::filesystem::path watched;
  bool frozen = false;
  std::map<std::filesystem::path, std::string> synced;
  sqlite3_vfs* below = nullptr;
  sqlite3_vfs above{};
};
Disk* disk = nullptr;

struct File {
  sqlite3_file base;
  const char* path;
  sqlite3_file* real;
};

// SQLite hands every file over as the base at its beginning.
File* Own(sqlite3_file* file) {
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): the VFS's way
  return reinterpret_cast<File*>(file);
}

sqlite3_file* Real(sqlite3_file* file) { return Own(file)->real; }

// Whether the operation at hand is to fail, with which code.
int FailWrite() {
  const base::MutexLock lock(disk->mutex);
  const bool full = disk->fault == Fault::kFullDisk;
  if (!full && disk->fault != Fault::kWriteError) return SQLITE_OK;
  --disk->countdown;
  if (disk->countdown != 0 && !(full && disk->countdown < 0)) return SQLITE_OK;
  disk->happened = true;
  return full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int FailSync() {
  const base::MutexLock lock(disk->mutex);
  if (disk->fault != Fault::kSyncError) return SQLITE_OK;
  if (--disk->countdown != 0) return SQLITE_OK;
  disk->happened = true;
  return SQLITE_IOERR_FSYNC;
}

void Remember(const std::filesystem::path& path) {
  const base::MutexLock lock(disk->mutex);
  if (disk->frozen || disk->watched.empty() ||
      path.parent_path() != disk->watched)
    return;
  disk->synced[path] = testing::ReadFile(path);
}

int Close(sqlite3_file* file) {
  const int code = Real(file)->pMethods->xClose(Real(file));
  sqlite3_free(Real(file));
  return code;
}
int Write(sqlite3_file* file, const void* data, int size, sqlite3_int64 at) {
  if (const int code = FailWrite(); code != SQLITE_OK) return code;
  return Real(file)->pMethods->xWrite(Real(file), data, size, at);
}
int Sync(sqlite3_file* file, int flags) {
  if (const int code = FailSync(); code != SQLITE_OK) return code;
  const int code = Real(file)->pMethods->xSync(Real(file), flags);
  const char* path = Own(file)->path;
  if (code == SQLITE_OK && path != nullptr) Remember(path);
  return code;
}

sqlite3_io_methods MakeMethods() {
  sqlite3_io_methods m{};
  m.iVersion = 2;
  m.xClose = Close;
  m.xWrite = Write;
  m.xSync = Sync;
  m.xRead = [](sqlite3_file* f, void* data, int size, sqlite3_int64 at) {
    return Real(f)->pMethods->xRead(Real(f), data, size, at);
  };
  m.xTruncate = [](sqlite3_file* f, sqlite3_int64 size) {
    return Real(f)->pMethods->xTruncate(Real(f), size);
  };
  m.xFileSize = [](sqlite3_file* f, sqlite3_int64* size) {
    return Real(f)->pMethods->xFileSize(Real(f), size);
  };
  m.xLock = [](sqlite3_file* f, int level) {
    return Real(f)->pMethods->xLock(Real(f), level);
  };
  m.xUnlock = [](sqlite3_file* f, int level) {
    return Real(f)->pMethods->xUnlock(Real(f), level);
  };
  m.xCheckReservedLock = [](sqlite3_file* f, int* out) {
    return Real(f)->pMethods->xCheckReservedLock(Real(f), out);
  };
  m.xFileControl = [](sqlite3_file* f, int op, void* arg) {
    return Real(f)->pMethods->xFileControl(Real(f), op, arg);
  };
  m.xSectorSize = [](sqlite3_file* f) {
    return Real(f)->pMethods->xSectorSize(Real(f));
  };
  m.xDeviceCharacteristics = [](sqlite3_file* f) {
    return Real(f)->pMethods->xDeviceCharacteristics(Real(f));
  };
  m.xShmMap = [](sqlite3_file* f, int page, int size, int extend,
                 void volatile** out) {
    return Real(f)->pMethods->xShmMap(Real(f), page, size, extend, out);
  };
  m.xShmLock = [](sqlite3_file* f, int offset, int n, int flags) {
    return Real(f)->pMethods->xShmLock(Real(f), offset, n, flags);
  };
  m.xShmBarrier = [](sqlite3_file* f) {
    Real(f)->pMethods->xShmBarrier(Real(f));
  };
  m.xShmUnmap = [](sqlite3_file* f, int remove) {
    return Real(f)->pMethods->xShmUnmap(Real(f), remove);
  };
  return m;
}

int Open(sqlite3_vfs* /*vfs*/, const char* name, sqlite3_file* file, int flags,
         int* out_flags) {
  static const sqlite3_io_methods kMethods = MakeMethods();
  File* const own = Own(file);
  own->base.pMethods = nullptr;
  own->path = name;
  own->real = static_cast<sqlite3_file*>(sqlite3_malloc(disk->below->szOsFile));
  if (own->real == nullptr) return SQLITE_NOMEM;
  const int code =
      disk->below->xOpen(disk->below, name, own->real, flags, out_flags);
  if (code != SQLITE_OK) {
    sqlite3_free(own->real);
    return code;
  }
  own->base.pMethods = &kMethods;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* /*vfs*/, const char* name, int sync) {
  {
    const base::MutexLock lock(disk->mutex);
    if (!disk->frozen) disk->synced.erase(name);
  }
  return disk->below->xDelete(disk->below, name, sync);
}

}  // namespace

FaultVfs::FaultVfs() {
  LIMPID_CHECK(disk == nullptr);
  disk = new Disk();
  disk->below = sqlite3_vfs_find(nullptr);
  disk->above = *disk->below;
  disk->above.zName = "limpid-fault";
  disk->above.szOsFile = sizeof(File);
  disk->above.pNext = nullptr;
  disk->above.xOpen = Open;
  disk->above.xDelete = Delete;
  LIMPID_CHECK(sqlite3_vfs_register(&disk->above, /*makeDflt=*/1) == SQLITE_OK);
}

FaultVfs::~FaultVfs() {
  (void)sqlite3_vfs_unregister(&disk->above);
  (void)sqlite3_vfs_register(disk->below, /*makeDflt=*/1);
  delete disk;
  disk = nullptr;
}

void FaultVfs::Arm(Fault fault, int nth) {
  const base::MutexLock lock(disk->mutex);
  disk->fault = fault;
  disk->countdown = nth;
  disk->happened = false;
}

bool FaultVfs::happened() const {
  const base::MutexLock lock(disk->mutex);
  return disk->happened;
}

void FaultVfs::WatchSyncs(const std::filesystem::path& directory) {
  const base::MutexLock lock(disk->mutex);
  disk->watched = directory;
  disk->frozen = false;
  disk->synced.clear();
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    disk->synced[entry.path()] = testing::ReadFile(entry.path());
  }
}

void FaultVfs::Freeze() {
  const base::MutexLock lock(disk->mutex);
  disk->frozen = true;
}

void FaultVfs::CutPower() {
  const base::MutexLock lock(disk->mutex);
  for (const auto& entry : std::filesystem::directory_iterator(disk->watched)) {
    std::filesystem::remove(entry.path());
  }
  for (const auto& [path, contents] : disk->synced) {
    std::ofstream(path, std::ios::binary) << contents;
  }
  disk->watched.clear();
}

}  // namespace limpid::storage

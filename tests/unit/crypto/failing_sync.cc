#include "tests/unit/crypto/failing_sync.h"

#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace {

std::atomic<int> failing = 0;

}  // namespace

// The program's own, which the linker takes before the library's.
extern "C" int fsync(int descriptor) {
  struct stat info {};
  if (failing > 0 && ::fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) {
    errno = EIO;
    return -1;
  }
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-vararg): has no other form
  return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace limpid::testing {

FailingDirectorySync::FailingDirectorySync() { ++failing; }
FailingDirectorySync::~FailingDirectorySync() { --failing; }

}  // namespace limpid::testing

#include "common/base/file.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::base {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::TempDir;

TEST(WriteFileAtomically, ReplacesTheContentsAndThePermissions) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "file";
  ASSERT_THAT(WriteFileAtomically(path, AsBytes("first, longer"), 0644),
              IsOk());
  ASSERT_THAT(WriteFileAtomically(path, AsBytes("second"), 0600), IsOk());
  EXPECT_EQ(ToText(ReadFileBytes(path, 100).value()), "second");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "file.tmp"));
}

TEST(WriteFileAtomically, LeavesTheOldFileWhenTheDirectoryIsGone) {
  const TempDir dir;
  EXPECT_FALSE(
      WriteFileAtomically(dir.path() / "absent" / "file", AsBytes("x"), 0600)
          .ok());
}

TEST(ReadFileBytes, RefusesLongerThanTheCap) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "file";
  ASSERT_THAT(WriteFileAtomically(path, AsBytes("12345"), 0600), IsOk());
  EXPECT_THAT(ReadFileBytes(path, 5), IsOk());
  EXPECT_THAT(ReadFileBytes(path, 4),
              StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(ReadFileBytes(dir.path() / "absent", 5),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(FileLock, KeepsASecondHolderOutUntilTheFirstGoes) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "lock";
  {
    auto first = FileLock::Acquire(path);
    ASSERT_THAT(first, IsOk());
    const FileLock moved = *std::move(first);
    EXPECT_THAT(FileLock::Acquire(path),
                StatusIs(absl::StatusCode::kUnavailable));
  }
  EXPECT_THAT(FileLock::Acquire(path), IsOk());
}

}  // namespace
}  // namespace limpid::base

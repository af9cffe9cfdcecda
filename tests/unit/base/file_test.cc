#include "common/base/file.h"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <iterator>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/file_writer.h"
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

TEST(WriteFileAtomically, LeavesWhatIsNoFile) {
  const TempDir dir;
  const std::filesystem::path pipe = dir.path() / "pipe";
  const std::filesystem::path folder = dir.path() / "folder";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  std::filesystem::create_directory(folder);
  for (const auto& path : {pipe, folder}) {
    EXPECT_THAT(WriteFileAtomically(path, AsBytes("x"), 0600),
                StatusIs(absl::StatusCode::kFailedPrecondition));
    EXPECT_FALSE(std::filesystem::is_regular_file(path));
    EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
  }
}

TEST(WriteFileAtomically, TakesThePlaceOfALink) {
  const TempDir dir;
  const std::filesystem::path target = dir.path() / "target";
  const std::filesystem::path link = dir.path() / "link";
  ASSERT_THAT(WriteFileAtomically(target, AsBytes("old"), 0600), IsOk());
  std::filesystem::create_symlink(target, link);
  ASSERT_THAT(WriteFileAtomically(link, AsBytes("new"), 0600), IsOk());
  EXPECT_EQ(ToText(ReadFileBytes(target, 10).value()), "old");
  EXPECT_EQ(ToText(ReadFileBytes(link, 10).value()), "new");
}

TEST(FileWriter, IsSeenWholeOrNotAtAll) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "file";
  ASSERT_THAT(WriteFileAtomically(path, AsBytes("old"), 0600), IsOk());
  {
    auto given_up = FileWriter::Open(path, 0600);
    ASSERT_THAT(given_up, IsOk());
    ASSERT_THAT(given_up->Append(AsBytes("half")), IsOk());
  }
  EXPECT_EQ(ToText(ReadFileBytes(path, 10).value()), "old");
  EXPECT_FALSE(std::filesystem::exists(path.string() + ".tmp"));
  auto writer = FileWriter::Open(path, 0644);
  ASSERT_THAT(writer, IsOk());
  for (const char* const piece : {"in ", "two"}) {
    ASSERT_THAT(writer->Append(AsBytes(piece)), IsOk());
    EXPECT_EQ(ToText(ReadFileBytes(path, 10).value()), "old");
  }
  ASSERT_THAT(writer->Commit(), IsOk());
  EXPECT_EQ(ToText(ReadFileBytes(path, 10).value()), "in two");
}

TEST(ReadFileBytes, SaysThatADirectoryIsOne) {
  const TempDir dir;
  EXPECT_THAT(ReadFileBytes(dir.path(), 10),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

TEST(WriteNewFile, LeavesWhateverHasTheName) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "file";
  ASSERT_THAT(WriteNewFile(path, AsBytes("first"), 0600), IsOk());
  EXPECT_THAT(WriteNewFile(path, AsBytes("second"), 0600),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(ToText(ReadFileBytes(path, 100).value()), "first");
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
}

TEST(WriteNewFile, FollowsNoLink) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "link";
  std::filesystem::create_symlink(dir.path() / "elsewhere", path);
  EXPECT_THAT(WriteNewFile(path, AsBytes("secret"), 0600),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "elsewhere"));
}

TEST(WriteNewFile, IsMadeByOneOfManyAtOnce) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "file";
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      if (WriteNewFile(path, AsBytes("x"), 0600).ok()) ++made;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
}

TEST(WriteNewFile, IsNeverSeenInPartAndLeavesNothingBeside) {
  const TempDir dir;
  const std::filesystem::path path = dir.path() / "file";
  const std::string text(1 << 20, 'x');
  std::atomic<bool> written = false;
  std::thread writer([&] {
    EXPECT_THAT(WriteNewFile(path, AsBytes(text), 0600), IsOk());
    EXPECT_THAT(WriteNewFile(path, AsBytes(text), 0600),
                StatusIs(absl::StatusCode::kAlreadyExists));
    written = true;
  });
  do {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (!error) {
      EXPECT_EQ(size, text.size());
    }
  } while (!written);
  writer.join();
  const std::filesystem::directory_iterator files(dir.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
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

// ReadFileBytes leaves no copy of a file behind. A program of its own, because
// of the heap.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/base/watched_heap.h"

namespace limpid::base {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::TempDir;

constexpr std::string_view kSecret = "the root key, as it were, in its file";

// How often `read` gave the secret back to the heap.
template <typename Read>
int Left(Read read) {
  testing::WatchHeap(kSecret);
  read();
  return testing::UnwatchHeap();
}

class OneCopyTest : public ::testing::Test {
 protected:
  std::filesystem::path File(std::size_t more) {
    std::filesystem::path path = dir_.path() / "file";
    std::string text(kSecret);
    text.append(more, 'x');
    EXPECT_THAT(WriteFileAtomically(path, AsBytes(text), 0600), IsOk());
    return path;
  }

  TempDir dir_;
};

TEST_F(OneCopyTest, TheLookFindsWhatIsLeft) {
  const auto path = File(0);
  EXPECT_EQ(Left([&] { EXPECT_THAT(ReadFileBytes(path, 100), IsOk()); }), 1);
}

TEST_F(OneCopyTest, OfEverySizeIsTheCallersToWipe) {
  constexpr std::size_t kLong = 64UL * 1024;
  for (const std::size_t more : {std::size_t{0}, kLong, 3 * kLong}) {
    const auto path = File(more);
    EXPECT_EQ(Left([&] {
                auto got = ReadFileBytes(path, 4 * kLong);
                ASSERT_THAT(got, IsOk());
                EXPECT_EQ(got->size(), kSecret.size() + more);
                Wipe(*got);
              }),
              0)
        << more;
  }
}

TEST_F(OneCopyTest, OfAFileThatIsTooLongIsWiped) {
  const auto path = File(100);
  EXPECT_EQ(Left([&] {
              EXPECT_THAT(ReadFileBytes(path, kSecret.size() + 1),
                          StatusIs(absl::StatusCode::kResourceExhausted));
            }),
            0);
}

// A pipe does not say how much it has.
TEST_F(OneCopyTest, OfWhatGrowsIsWipedAsItMoves) {
  std::array<int, 2> ends = {-1, -1};
  ASSERT_EQ(::pipe(ends.data()), 0);
  constexpr std::size_t kAll = 200UL * 1024;
  std::thread writer([&] {
    std::string text(kSecret);
    text.resize(kAll, 'x');
    for (std::string_view rest = text; !rest.empty();) {
      const ssize_t count = ::write(ends[1], rest.data(), rest.size());
      ASSERT_GT(count, 0);
      rest.remove_prefix(static_cast<std::size_t>(count));
    }
    ::close(ends[1]);
  });
  const auto path =
      std::filesystem::path("/proc/self/fd") / std::to_string(ends[0]);
  EXPECT_EQ(Left([&] {
              auto got = ReadFileBytes(path, kAll);
              ASSERT_THAT(got, IsOk());
              EXPECT_EQ(got->size(), kAll);
              EXPECT_TRUE(std::equal(kSecret.begin(), kSecret.end(),
                                     AsText(*got).begin()));
              Wipe(*got);
            }),
            0);
  writer.join();
  ::close(ends[0]);
}

}  // namespace
}  // namespace limpid::base

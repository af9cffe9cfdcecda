#include "common/base/in_parts.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "gtest/gtest.h"

namespace limpid::base {
namespace {

TEST(InParts, EachItemIsInOnePart) {
  for (const std::size_t count : {1U, 2U, 3U, 7U, 100U, 1'001U}) {
    for (const std::size_t least : {1U, 5U, 2'000U}) {
      // Parts do not overlap, so that nobody else touches an element.
      std::vector<int> seen(count);
      InParts(count, least, [&seen](std::size_t first, std::size_t end) {
        for (std::size_t i = first; i < end; ++i) ++seen[i];
      });
      EXPECT_EQ(std::count(seen.begin(), seen.end(), 1),
                static_cast<std::ptrdiff_t>(count))
          << count << " " << least;
    }
  }
}

TEST(InParts, NothingIsNoPart) {
  InParts(0, 1, [](std::size_t, std::size_t) { ADD_FAILURE(); });
}

TEST(InParts, NoPartIsSmallerThanTheLeast) {
  Mutex mutex;
  std::vector<std::size_t> sizes;
  const auto note = [&](std::size_t first, std::size_t end) {
    const MutexLock lock(mutex);
    sizes.push_back(end - first);
  };
  InParts(9, 10, note);
  EXPECT_EQ(sizes, std::vector<std::size_t>{9});
  sizes.clear();
  InParts(1'000, 10, note);
  EXPECT_LE(sizes.size(), kMostParts);
  EXPECT_GE(*std::min_element(sizes.begin(), sizes.end()), 10U);
}

TEST(InParts, EachPartHasAThreadAndTheCallerIsOne) {
  Mutex mutex;
  std::multiset<std::thread::id> threads;
  InParts(1'000, 1, [&](std::size_t, std::size_t) {
    const MutexLock lock(mutex);
    threads.insert(std::this_thread::get_id());
  });
  const std::size_t processors =
      std::max<std::size_t>(1, std::thread::hardware_concurrency());
  EXPECT_EQ(threads.size(), std::min(processors, kMostParts));
  EXPECT_EQ(threads.count(std::this_thread::get_id()), 1U);
}

}  // namespace
}  // namespace limpid::base

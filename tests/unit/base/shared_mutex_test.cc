#include "common/base/shared_mutex.h"

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace limpid::base {
namespace {

constexpr auto kPatience = std::chrono::seconds(10);

TEST(SharedMutex, ReadersHoldItTogether) {
  SharedMutex mutex;
  const ReaderMutexLock lock(mutex);
  auto other = std::async(std::launch::async, [&mutex] {
    const ReaderMutexLock second(mutex);
    return true;
  });
  ASSERT_EQ(other.wait_for(kPatience), std::future_status::ready);
}

TEST(SharedMutex, AWriterIsAloneAndReadersWithoutEndDoNotKeepItOut) {
  SharedMutex mutex;
  std::atomic<int> readers = 0;
  std::atomic<int> writers = 0;
  std::atomic<bool> broken = false;
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      while (!done) {
        const ReaderMutexLock lock(mutex);
        ++readers;
        if (writers > 0) broken = true;
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        --readers;
      }
    });
  }
  auto writer = std::async(std::launch::async, [&] {
    for (int i = 0; i < 100; ++i) {
      const WriterMutexLock lock(mutex);
      ++writers;
      if (readers > 0 || writers > 1) broken = true;
      --writers;
    }
  });
  EXPECT_EQ(writer.wait_for(kPatience), std::future_status::ready);
  done = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(broken);
}

}  // namespace
}  // namespace limpid::base

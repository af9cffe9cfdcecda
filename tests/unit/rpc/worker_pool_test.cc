#include "common/rpc/worker_pool.h"

#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <thread>

#include "gtest/gtest.h"

namespace limpid::rpc {
namespace {

TEST(WorkerPool, RefusesWhatDoesNotFitTheQueue) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::promise<void> busy;
  std::atomic<int> ran = 0;
  {
    WorkerPool pool(/*thread_count=*/1, /*queue_limit=*/2);
    EXPECT_TRUE(pool.Run([&] {
      busy.set_value();
      released.wait();
    }));
    busy.get_future().wait();
    EXPECT_TRUE(pool.Run([&] { ++ran; }));
    EXPECT_TRUE(pool.Run([&] { ++ran; }));
    EXPECT_FALSE(pool.Run([&] { ++ran; }));
    release.set_value();
  }
  EXPECT_EQ(ran, 2);
}

TEST(WorkerPool, StopsAfterWhatIsQueuedAndTakesNoMore) {
  std::atomic<int> ran = 0;
  WorkerPool pool(/*thread_count=*/2, /*queue_limit=*/10);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(pool.Run([&] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 5);
  EXPECT_FALSE(pool.Run([&] { ++ran; }));
  EXPECT_EQ(ran, 5);
}

// Threads wake each other one by one; pieces that wait for later ones must not
// keep them from being begun.
TEST(WorkerPool, BeginsEveryPieceThatThereIsAThreadFor) {
  constexpr int kThreads = 8;
  WorkerPool pool(kThreads, /*queue_limit=*/100);
  for (int round = 0; round < 20; ++round) {
    // Until all of them sleep.
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    std::latch begun(kThreads);
    std::latch ended(kThreads);
    std::atomic<int> together = 0;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    for (int i = 0; i < kThreads; ++i) {
      EXPECT_TRUE(pool.Run([&] {
        begun.count_down();
        while (!begun.try_wait() && std::chrono::steady_clock::now() < end) {
          std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
        if (begun.try_wait()) ++together;
        ended.count_down();
      }));
    }
    ended.wait();
    ASSERT_EQ(together, kThreads) << "in round " << round;
  }
}

}  // namespace
}  // namespace limpid::rpc

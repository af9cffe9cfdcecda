#include "common/rpc/worker_pool.h"

#include <atomic>
#include <future>

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

}  // namespace
}  // namespace limpid::rpc

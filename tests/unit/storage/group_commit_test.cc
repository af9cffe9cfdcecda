#include "common/storage/group_commit.h"

#include <atomic>
#include <cstddef>
#include <span>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/storage/database.h"
#include "common/storage/session.h"
#include "gtest/gtest.h"

namespace limpid::storage {
namespace {

constexpr int kCallers = 8;
constexpr int kCallsEach = 500;

TEST(GroupCommit, RunsEveryWorkOnceAndNeverTwoBatchesAtATime) {
  GroupCommit commits;
  std::atomic<int> inside = 0;
  std::atomic<bool> overlapped = false;
  int works = 0;
  std::size_t largest = 0;
  const auto run = [&](std::span<Pending* const> batch) {
    if (inside.fetch_add(1) != 0) overlapped = true;
    works += static_cast<int>(batch.size());
    largest = std::max(largest, batch.size());
    for (Pending* pending : batch) {
      pending->status = absl::AbortedError("seen");
    }
    std::this_thread::yield();
    inside.fetch_sub(1);
  };
  std::atomic<int> answered = 0;
  {
    std::vector<std::jthread> callers;
    for (int caller = 0; caller < kCallers; ++caller) {
      callers.emplace_back([&] {
        for (int call = 0; call < kCallsEach; ++call) {
          const auto work = [](Session&) { return absl::OkStatus(); };
          if (absl::IsAborted(commits.Run(work, run))) ++answered;
        }
      });
    }
  }
  EXPECT_EQ(works, kCallers * kCallsEach);
  EXPECT_EQ(answered, kCallers * kCallsEach);
  EXPECT_FALSE(overlapped);
  EXPECT_LE(largest, GroupCommit::kMaxBatch);
}

}  // namespace
}  // namespace limpid::storage

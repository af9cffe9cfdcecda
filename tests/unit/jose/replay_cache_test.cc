#include "common/jose/replay_cache.h"

#include <atomic>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/jose/tokens.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::jose {
namespace {

using testing::IsOk;
using testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'767'225'600);
const absl::Time kEnd = kNow + absl::Seconds(60);
const absl::Duration kTick = absl::Milliseconds(1);
constexpr TokenId kOne = {1};
constexpr TokenId kTwo = {2};

TEST(ReplayCache, TakesEachTokenOfEachKeyOnce) {
  ReplayCache cache;
  EXPECT_THAT(cache.Use("key", kOne, kEnd, kNow), IsOk());
  EXPECT_THAT(cache.Use("key", kOne, kEnd, kNow),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(cache.Use("key", kTwo, kEnd, kNow), IsOk());
  EXPECT_THAT(cache.Use("other", kOne, kEnd, kNow), IsOk());
}

// As long as verification accepts: until exp plus skew.
TEST(ReplayCache, RemembersAsLongAsTheTokenCouldPass) {
  ReplayCache cache;
  const absl::Time last = kEnd + kMaxClockSkew;
  ASSERT_THAT(cache.Use("key", kOne, kEnd, kNow), IsOk());
  EXPECT_THAT(cache.Use("key", kOne, kEnd, last),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(cache.Use("key", kTwo, last + kTick, last + kTick), IsOk());
  EXPECT_EQ(cache.size(), 1U);
}

TEST(ReplayCache, RefusesWhenFullAndTakesAgainWhenEntriesEnd) {
  ReplayCache cache(/*capacity=*/1);
  ASSERT_THAT(cache.Use("key", kOne, kEnd, kNow), IsOk());
  EXPECT_THAT(cache.Use("key", kTwo, kEnd, kNow),
              StatusIs(absl::StatusCode::kResourceExhausted));
  // A full cache still knows a replay.
  EXPECT_THAT(cache.Use("key", kOne, kEnd, kNow),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(cache.Use("key", kTwo, kEnd, kEnd + kMaxClockSkew + kTick),
              IsOk());
}

TEST(ReplayCache, LetsOneOfManyThreadsThrough) {
  ReplayCache cache;
  std::atomic<int> taken = 0;
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (std::uint8_t id = 0; id < 100; ++id) {
        if (cache.Use("key", TokenId{id}, kEnd, kNow).ok()) ++taken;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, 100);
}

}  // namespace
}  // namespace limpid::jose

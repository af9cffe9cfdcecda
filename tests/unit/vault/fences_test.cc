#include "vault/gate/fences.h"

#include <atomic>
#include <thread>

#include "common/receipt/permit.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"

namespace limpid::vault {
namespace {

bool HandOver(PermitHold& hold) {
  bool ran = false;
  const bool answered = hold.HandOverIfLive([&] { ran = true; });
  EXPECT_EQ(answered, ran);
  return ran;
}

TEST(Fences, APermitWithoutFenceHandsOverOnce) {
  const testing::FakeClock clock;
  Fences fences(clock);
  const auto hold = fences.Open("rec", 1);
  EXPECT_EQ(fences.open_count(), 1);
  EXPECT_TRUE(HandOver(*hold));
  EXPECT_FALSE(HandOver(*hold));
  hold->Close(Closing::kSent);
  EXPECT_EQ(fences.open_count(), 0);
}

TEST(Fences, AFenceKillsLowerRevisionsOfItsRecordOnly) {
  const testing::FakeClock clock;
  Fences fences(clock);
  const auto below = fences.Open("rec", 4);
  const auto at = fences.Open("rec", 5);
  const auto other = fences.Open("REC", 4);
  fences.Raise("rec", 5);
  EXPECT_FALSE(HandOver(*below));
  EXPECT_TRUE(HandOver(*at));
  EXPECT_TRUE(HandOver(*other));
  for (const auto* hold : {&below, &at, &other}) {
    (*hold)->Close(Closing::kDropped);
  }
}

TEST(Fences, APermitThatArrivesAfterItsFenceIsDead) {
  testing::FakeClock clock;
  Fences fences(clock);
  fences.Raise("rec", 2);
  fences.Raise("rec", 1);  // An older fence lowers nothing.
  clock.Advance(receipt::kMaxLease);
  const auto late = fences.Open("rec", 1);
  EXPECT_FALSE(HandOver(*late));
  late->Close(Closing::kDropped);
}

TEST(Fences, ForgetsFencesThatNoLeaseCanReach) {
  testing::FakeClock clock;
  Fences fences(clock);
  fences.Raise("rec", 2);
  clock.Advance(2 * receipt::kMaxLease);
  // Any Raise in the same shard sweeps; the record itself is in its shard.
  fences.Raise("rec", 1);
  const auto hold = fences.Open("rec", 1);
  EXPECT_TRUE(HandOver(*hold));
  hold->Close(Closing::kSent);
}

TEST(Fences, DrainWaitsForBytesOnTheirWayOnly) {
  const testing::FakeClock clock;
  Fences fences(clock);
  const auto idle = fences.Open("rec", 1);
  fences.Raise("rec", 2);
  // Nothing was handed over: nothing to wait for.
  EXPECT_TRUE(fences.Drain("rec", 2, absl::ZeroDuration()));
  idle->Close(Closing::kDropped);

  const auto sending = fences.Open("rec", 2);
  ASSERT_TRUE(HandOver(*sending));
  fences.Raise("rec", 3);
  EXPECT_FALSE(fences.Drain("rec", 3, absl::ZeroDuration()));
  // Below another revision it is no concern.
  EXPECT_TRUE(fences.Drain("rec", 2, absl::ZeroDuration()));
  std::thread sender([&] { sending->Close(Closing::kSent); });
  // The fake clock stands still, so only the closing ends the wait.
  EXPECT_TRUE(fences.Drain("rec", 3, absl::Seconds(60)));
  sender.join();
}

TEST(Fences, NothingIsHandedOverAfterRaiseReturns) {
  const testing::FakeClock clock;
  Fences fences(clock);
  std::atomic<bool> raised = false;
  std::atomic<int> late = 0;
  std::atomic<bool> stop = false;
  std::thread reader([&] {
    while (!stop) {
      const auto hold = fences.Open("rec", 1);
      hold->HandOverIfLive([&] {
        if (raised) ++late;
      });
      hold->Close(Closing::kSent);
    }
  });
  std::this_thread::yield();
  fences.Raise("rec", 2);
  raised = true;
  for (int i = 0; i < 1000; ++i) {
    const auto hold = fences.Open("rec", 1);
    EXPECT_FALSE(HandOver(*hold));
    hold->Close(Closing::kDropped);
  }
  stop = true;
  reader.join();
  EXPECT_EQ(late, 0);
}

}  // namespace
}  // namespace limpid::vault

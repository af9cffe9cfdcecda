// What was promised to be in the log by a time, when more was entered than one
// tick takes.

#include <cstdint>

#include "common/receipt/promise.h"
#include "consent/ledger/log_tick.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using testing::Citizen;
using testing::World;

TEST(LogTickBacklog, OneTickLogsAllThatWaits) {
  constexpr std::uint64_t kOfATick = 64;
  constexpr std::uint64_t kReads = 200;
  testing::MemoryStores stores;
  World world(stores);
  world.LimitTicks(kOfATick);
  world.Restart();
  const Citizen ann = world.NewCitizen(1);
  const RecordId record = world.Granted(ann).revision.record;
  for (std::uint64_t i = 0; i < kReads; ++i) {
    ASSERT_TRUE(testing::Released(world.Read(record)));
  }
  const std::uint64_t entered = stores.ledger().Head()->position;
  ASSERT_GT(entered, kReads);
  EXPECT_EQ(world.consent().TickLog().value(), entered);
  EXPECT_EQ(world.log().size(), (entered + kOfATick - 1) / kOfATick * kOfATick);
  const auto page = world.consent().ListAccesses(ann.id, {}, 0, 2 * kReads);
  ASSERT_GT(page->entries.size(), kReads);
  for (const AccessView& access : page->entries) {
    EXPECT_EQ(access.stage, ReceiptStage::kLogged);
  }
}

TEST(LogTickBacklog, AFullTickIsFollowedByNoneOfPadding) {
  testing::MemoryStores stores;
  World world(stores);
  world.LimitTicks(1);
  world.Restart();
  (void)world.Granted(world.NewCitizen(1));
  const std::uint64_t entered = stores.ledger().Head()->position;
  EXPECT_EQ(world.consent().TickLog().value(), entered);
  EXPECT_EQ(world.log().size(), kMinTickLeaves * entered);
}

// Over a missed tick, with a minute for what the ticks themselves take.
TEST(LogTickBacklog, ThePromiseCoversTwoIntervalsAndAMinute) {
  testing::MemoryStores stores;
  World world(stores);
  const RecordId record = world.Granted(world.NewCitizen(1)).revision.record;
  const auto answer = world.Read(record);
  ASSERT_TRUE(testing::Released(answer));
  const auto promise =
      receipt::VerifyPromise(answer->promise, world.consent().evidence_key());
  EXPECT_EQ(promise->log_by,
            world.clock().Now() + 2 * absl::Hours(1) + absl::Minutes(1));
}

}  // namespace
}  // namespace limpid::consent

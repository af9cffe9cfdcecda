// How often in a day a person may do what leaves an act and nothing else
// bounds.

#include "vault/attribute/act_rate.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/recovery_fixture.h"
#include "vault/portability/exporter.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusSays;

constexpr auto kFull = absl::StatusCode::kResourceExhausted;

class ActRateTest : public SealedTest {
 protected:
  absl::Status Export(const PersonCaller& who) {
    return exporter_.Page(who, {}).status();
  }
  // What a message says of when to come again.
  static std::string After(absl::Time time) {
    return absl::FormatTime("from %Y-%m-%d %H:%M:%S UTC on",
                            time + absl::Seconds(1), absl::UTCTimeZone());
  }

  Exporter exporter_{*world_.core, slots_};
};

TEST_F(ActRateTest, ExportsAreSoManyADayAndComeAgainWhenTheFirstIsOld) {
  const absl::Time first = world_.clock.Now();
  for (std::size_t i = 0; i < MostActs(ActKind::kExport); ++i) {
    ASSERT_THAT(Export(world_.anna), IsOk()) << i;
    world_.clock.Advance(absl::Minutes(1));
  }
  const std::uint64_t acts = world_.store->Head()->counter;
  EXPECT_THAT(Export(world_.anna),
              StatusSays(kFull, After(first + kActRateWindow)));
  EXPECT_EQ(world_.store->Head()->counter, acts) << "a refusal is no act";
  // Nobody else's, and nothing else of hers.
  EXPECT_THAT(Export(world_.bela), IsOk());
  AddSlot();
  world_.clock.SetWall(first + kActRateWindow - absl::Milliseconds(1));
  EXPECT_THAT(Export(world_.anna), StatusSays(kFull, "come again"));
  world_.clock.SetWall(first + kActRateWindow);
  EXPECT_THAT(Export(world_.anna), IsOk());
  EXPECT_THAT(Export(world_.anna), StatusSays(kFull, "come again"));
}

TEST_F(ActRateTest, AClockThatRanAheadForbidsNothingOnceItIsRight) {
  const absl::Time now = world_.clock.Now();
  world_.clock.SetWall(now + absl::Hours(24 * 365));
  for (std::size_t i = 0; i < MostActs(ActKind::kExport); ++i) {
    ASSERT_THAT(Export(world_.anna), IsOk());
  }
  world_.clock.SetWall(now);
  EXPECT_THAT(Export(world_.anna), IsOk());
}

// Whoever may add may remove: a stolen device is put out the same day.
TEST_F(ActRateTest, SlotsAreAddedSoOftenAndRemovedWhenever) {
  AddSlot();
  const auto add = [&](std::size_t id) {
    const Slot slot =
        DeviceSlotOf(device_.PublicKey(), static_cast<std::uint8_t>(id));
    return slots_.Add(world_.anna, slot).status();
  };
  const auto remove = [&](std::size_t id) {
    SlotName name{SlotKind::kDevice, {}, key_.generation};
    name.id.fill(static_cast<std::uint8_t>(id));
    return slots_.Remove(world_.anna, name).status();
  };
  for (std::size_t id = 2; id <= MostActs(ActKind::kSlotAdd); ++id) {
    ASSERT_THAT(add(id), IsOk()) << id;
    if (id == MostActs(ActKind::kSlotAdd)) break;
    ASSERT_THAT(remove(id), IsOk()) << id;
  }
  EXPECT_THAT(add(100), StatusSays(kFull, "key slots"));
  EXPECT_EQ(slots_.List(world_.anna)->size(), 2);
  EXPECT_THAT(remove(MostActs(ActKind::kSlotAdd)), IsOk());
  // A retry of what is there is no act more.
  EXPECT_EQ(slots_.List(world_.anna)->size(), 1);
  world_.clock.Advance(kActRateWindow);
  EXPECT_THAT(add(100), IsOk());
}

class RecoveryRateTest : public RecoveryDeskTest {};

// With the sealed key itself, which allows what two cancels barred.
TEST_F(RecoveryRateTest, RecoveriesAreStartedSoOftenAndCancelledWhenever) {
  for (std::uint64_t i = 1; i <= MostActs(ActKind::kRecoveryStart); ++i) {
    ASSERT_EQ(Start(), i);
    ASSERT_THAT(Cancel(i), IsOk());
    if (i % RecoveryDesk::kMostCancels == 0) {
      ASSERT_THAT(Allow(i, Signed(i)), IsOk());
    }
  }
  EXPECT_THAT(desk_.Start(world_.anna, id()),
              StatusSays(kFull, "starts of a recovery"));
  world_.clock.Advance(kActRateWindow);
  EXPECT_EQ(Start(), MostActs(ActKind::kRecoveryStart) + 1);
}

}  // namespace
}  // namespace limpid::vault

// What the public log and its auditors see of a store that was put back from an
// older copy, after the log had gone on.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "consent/audit/audit.h"
#include "gtest/gtest.h"
#include "tests/integration/consent/restore_fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;

class RestoredLog : public testing::RestoreFixture {
 protected:
  void Tick() { ASSERT_THAT(world_.consent().TickLog(), IsOk()); }
  // What the lost store logged between backup and restore may be there twice.
  void ExpectEachLeaf(std::ptrdiff_t times_max) {
    const auto page = world_.consent().ListAccesses(ann_.id, {}, 0, 100);
    ASSERT_THAT(page, IsOk());
    const auto leaves = world_.log().entries();
    for (const AccessView& access : page->entries) {
      const auto times = std::count(leaves.begin(), leaves.end(), access.leaf);
      EXPECT_GE(times, 1) << access.entry.sequence;
      EXPECT_LE(times, times_max) << access.entry.sequence;
      EXPECT_EQ(access.stage, ReceiptStage::kLogged) << access.entry.sequence;
    }
  }
  // How many entries each tick is said to have, oldest first.
  std::vector<std::uint64_t> EntriesPerTick() {
    const auto page = AuditBook(world_.consent()).Ticks(0, /*limit=*/100);
    std::vector<std::uint64_t> out;
    for (const receipt::Tick& tick : page->ticks) {
      out.insert(out.begin(), tick.entry_count);
    }
    return out;
  }
};

TEST_F(RestoredLog, EveryEntryOfTheRestoredStoreReachesIt) {
  const RecordId record = world_.Granted(ann_).revision.record;
  Tick();
  (void)world_.Granted(ann_);
  Backup();
  ASSERT_TRUE(testing::Released(world_.Read(record)));
  Tick();
  Restore();
  EXPECT_EQ(world_.consent().restored_count(), 2U);
  Tick();
  // Two requests, two grants, two restored.
  ExpectEachLeaf(/*times_max=*/2);
  // What the lost store logged cannot be accounted for any more, the rest can.
  EXPECT_EQ(EntriesPerTick(), (std::vector<std::uint64_t>{2, 0, 4}));
}

TEST_F(RestoredLog, ATickThatWasUnderWayInTheOlderStoreIsNotLoggedTwice) {
  (void)world_.Granted(ann_);
  Tick();
  (void)world_.Granted(ann_);
  world_.log().FailBefore(true);
  EXPECT_FALSE(world_.consent().TickLog().ok());
  world_.log().FailBefore(false);
  Backup();
  Tick();
  (void)world_.Granted(ann_);
  Tick();
  Restore();
  Tick();
  ExpectEachLeaf(/*times_max=*/1);
  EXPECT_EQ(EntriesPerTick().back(), 2U);
  EXPECT_EQ(EntriesPerTick()[1], 2U);
}

}  // namespace
}  // namespace limpid::consent

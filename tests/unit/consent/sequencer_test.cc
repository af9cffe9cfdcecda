// A task that breaks its promise to change nothing before it fails.

#include "consent/ledger/sequencer.h"

#include "absl/status/status.h"
#include "consent/consent_state.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

TEST(Sequencer, ATaskThatFailsHalfWayLeavesNothing) {
  testing::MemoryStores stores;
  testing::World world(stores);
  const testing::Citizen ann = world.NewCitizen(1);
  const RecordId record = world.Granted(ann).revision.record;
  const LedgerHead before = *stores.ledger().Head();
  Sequencer& sequencer = *world.consent().state().sequencer;
  const auto done = sequencer.Call<bool>(
      [&](Persons& persons, Batch& batch) -> absl::StatusOr<bool> {
        PersonState* const person = persons.Load(ann.id).value();
        receipt::AccessEntry entry;
        entry.kind = receipt::AccessKind::kWithdrawn;
        batch.Append(*person, entry);
        persons.LoadRecord(*person, record).value()->revision.state =
            RecordState::kWithdrawn;
        return absl::DataLossError("the second half fails");
      },
      nullptr, /*alone=*/true);
  EXPECT_THAT(done, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(*stores.ledger().Head(), before);
  // Memory forgot it too, and the chain goes on where it was.
  EXPECT_TRUE(testing::Released(world.Read(record)));
  const auto log = world.consent().ListAccesses(ann.id, {}, 0, 10);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(log->entries.size(), 3U);
  EXPECT_EQ(log->entries.front().entry.sequence, 3U);
}

}  // namespace
}  // namespace limpid::consent

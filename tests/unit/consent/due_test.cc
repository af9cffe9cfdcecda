#include "consent/ledger/due.h"

#include <cstdint>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::IdOf;

// More rows than one look takes, earlier than all others, of a person who has
// no key.
LedgerCommit Unreadable(const LedgerHead& head) {
  LedgerCommit commit;
  commit.head = head;
  for (std::uint8_t i = 1; i <= 200; ++i) {
    PersonalRow row;
    row.key = {1, IdOf<PersonId>(200), RowKind::kRecord, {}, 0};
    row.key.id.fill(i);
    row.lookup = row.key.id;
    row.created_ms = row.due_ms = 1;
    row.payload = {1};
    commit.inserts.push_back(std::move(row));
  }
  return commit;
}

TEST(Due, RowsThatFailHoldUpNoOther) {
  testing::MemoryStores stores;
  testing::World world(stores);
  const testing::Citizen ann = world.NewCitizen(1);
  (void)world.Granted(ann);
  world.Stop();
  ASSERT_THAT(stores.ledger().Commit(Unreadable(*stores.ledger().Head())),
              IsOk());
  world.Restart();
  world.clock().Advance(absl::Hours(24 * 31));
  for (int look = 0; look < 2; ++look) world.consent().RunDue();
  const auto log = world.consent().ListAccesses(ann.id, {}, 0, 1);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ(log->entries.at(0).entry.kind, receipt::AccessKind::kExpired);
}

TEST(Due, AFailedRowIsTriedAgainLater) {
  limpid::testing::FakeClock clock;
  FailedRows failed(clock);
  RowKey row;
  failed.Add(row, absl::NotFoundError("gone"));
  EXPECT_THAT(failed.TakeDamage(), IsOk());
  clock.Advance(FailedRows::kWait - absl::Milliseconds(1));
  failed.Release();
  EXPECT_TRUE(failed.Waits(row));
  clock.Advance(absl::Milliseconds(1));
  failed.Release();
  EXPECT_FALSE(failed.Waits(row));
  EXPECT_EQ(failed.size(), 0U);
  failed.Add(row, absl::DataLossError("damaged"));
  EXPECT_THAT(failed.TakeDamage(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(failed.TakeDamage(), IsOk());
}

}  // namespace
}  // namespace limpid::consent

#include "vault/log/catch_up.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

// The acts of `from` up to `count`, as a copy of its store of that time has.
std::unique_ptr<VaultStore> OlderCopy(const VaultStore& from,
                                      std::uint64_t count) {
  auto out = NewMemoryVaultStore();
  const auto acts = from.ActsFrom(1, count).value();
  EXPECT_THAT(out->Write([&](VaultTransaction& transaction) {
    for (const ActRow& row : acts) {
      const absl::Status appended = transaction.AppendAct(row);
      if (!appended.ok()) return appended;
    }
    return absl::OkStatus();
  }),
              IsOk());
  return out;
}

class CatchUpTest : public ::testing::Test {
 protected:
  CatchUpTest() {
    world_.Put(world_.anna, "health.disability", "true");
    world_.Put(world_.anna, "health.disability", "false");
    EXPECT_THAT(world_.publisher.Tick(), IsOk());
    size_ = world_.log.size();
  }
  absl::StatusOr<std::uint64_t> Run(VaultStore& store) {
    return CatchUp(store, world_.log, world_.core->acts(), world_.clock.Now());
  }

  VaultWorld world_;
  std::uint64_t size_ = 0;
};

TEST_F(CatchUpTest, AnOlderStoreGoesOnAtTheLogsEnd) {
  const auto older = OlderCopy(*world_.store, size_ - 2);
  ActPublisher publisher(*older, world_.log);
  EXPECT_THAT(publisher.CheckStore(), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(*Run(*older), 2);
  EXPECT_THAT(publisher.CheckStore(), IsOk());
  // The lost acts and one that says so.
  EXPECT_EQ(older->Head()->counter, size_ + 1);
  EXPECT_EQ(older->ActsFrom(size_, 1)->front().kind, ActKind::kLost);
  EXPECT_EQ(older->ActsFrom(size_, 1)->front().head,
            world_.store->Head()->head);
  EXPECT_EQ(*publisher.Tick(), 1);
  EXPECT_EQ(*Run(*older), 0);
}

TEST_F(CatchUpTest, AnEmptyStoreToo) {
  const auto older = NewMemoryVaultStore();
  EXPECT_EQ(*Run(*older), size_);
  EXPECT_THAT(ActPublisher(*older, world_.log).CheckStore(), IsOk());
}

TEST_F(CatchUpTest, AStoreThatIsNotOlderIsLeftAlone) {
  world_.Put(world_.anna, "health.disability", "true");
  const LogHead before = *world_.store->Head();
  EXPECT_EQ(*Run(*world_.store), 0);
  EXPECT_EQ(*world_.store->Head(), before);
}

TEST_F(CatchUpTest, AnotherVaultsStoreIsRefused) {
  VaultWorld other;
  ASSERT_LT(other.store->Head()->counter, size_);
  const LogHead before = *other.store->Head();
  EXPECT_THAT(Run(*other.store), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(*other.store->Head(), before);
}

TEST_F(CatchUpTest, ALostActIsNoAct) {
  Act act;
  act.kind = ActKind::kLost;
  EXPECT_THAT(Act::Decode(act.Encode()),
              StatusIs(absl::StatusCode::kInvalidArgument));
  act.kind = ActKind::kDestroy;
  EXPECT_THAT(Act::Decode(act.Encode()), IsOk());
}

}  // namespace
}  // namespace limpid::vault

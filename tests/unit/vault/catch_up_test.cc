#include "vault/log/catch_up.h"

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/tlog/leaf.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/faulty_stores.h"
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
      absl::Status appended = transaction.AppendAct(row);
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

// More than one transaction of them, and a kill after the first.
TEST_F(CatchUpTest, AKilledTryIsOfTheSameActsAsTheOneThatEndsIt) {
  const auto older = OlderCopy(*world_.store, 2);
  std::vector<base::Bytes> more;
  for (std::uint64_t i = 0; i < 4'500; ++i) {
    more.push_back(tlog::CommitmentLeaf(
        tlog::LeafKind::kVault,
        crypto::Sha256(base::ByteWriter().U64(i).bytes())));
  }
  ASSERT_THAT(world_.log.Append(more), IsOk());
  const std::uint64_t size = world_.log.size();
  Faults faults;
  faults.die_at = 2;
  FaultyVaultStore killed(*older, faults);
  EXPECT_FALSE(Run(killed).ok());
  ASSERT_GT(older->Head()->counter, size_);
  ASSERT_LT(older->Head()->counter, size);
  EXPECT_EQ(*Run(*older), size - 2);
  const ActRow said = older->ActsFrom(size + 1, 1)->front();
  const auto disclosure =
      Disclosure::Decode(*world_.core->acts().OpenOwnDisclosure(said));
  EXPECT_EQ(Act::Decode(disclosure->encoded_act)->body,
            crypto::Sha256(base::ByteWriter("limpid/vault/restored/1")
                               .U64(3)
                               .U64(size)
                               .bytes()));
}

}  // namespace
}  // namespace limpid::vault

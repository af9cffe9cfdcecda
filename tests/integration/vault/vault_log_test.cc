// The vault's acts in a real log on disk: published, proven, checked offline.

#include "vault/log/vault_log.h"

#include <memory>
#include <string>

#include "common/crypto/ed25519.h"
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "common/tlog/policy.h"
#include "common/tlog/proof.h"
#include "gtest/gtest.h"
#include "tests/integration/vault/vault_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

class VaultLogTest : public ::testing::Test {
 protected:
  void OpenLog(const std::string& name) {
    log_.reset();
    head_.reset();
    head_ =
        tlog::FileHeadStore::Open(folder_.path() / (name + "-head")).value();
    log_ =
        tlog::Log::OpenOrCreate({folder_.path() / name, "vault.example/vault",
                                 *head_, key_.Clone(), world_.clock})
            .value();
  }

  Folder folder_;
  VaultWorld world_;
  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
  std::unique_ptr<tlog::HeadStore> head_;
  std::unique_ptr<tlog::Log> log_;
};

TEST_F(VaultLogTest, APutIsProvenOffline) {
  OpenLog("log");
  TlogVaultLog log(*log_);
  ActPublisher publisher(*world_.store, log);
  PersonVault person(*world_.core, publisher);
  world_.Put(world_.anna, "health.disability", "true");
  ASSERT_THAT(publisher.Tick(), IsOk());
  world_.Put(world_.anna, "health.disability", "false");
  ASSERT_THAT(publisher.Tick(), IsOk());

  const auto proof =
      person.Prove(world_.anna, "health.disability", 1, ActKind::kPut);
  ASSERT_THAT(proof, IsOk());
  ASSERT_TRUE(proof->leaf.has_value());
  // What the person's own device does, with nothing but the log's key.
  const auto disclosure = Disclosure::Decode(proof->disclosure).value();
  base::Bytes leaf = {0x03};
  const base::Digest32 commitment =
      CommitAct(disclosure.opening, disclosure.encoded_act);
  leaf.insert(leaf.end(), commitment.begin(), commitment.end());
  const tlog::LogProof offline{std::nullopt, proof->leaf->index,
                               proof->leaf->hashes, proof->leaf->checkpoint};
  const auto policy = tlog::Policy::ForLog(log_->Vkey()).value();
  EXPECT_THAT(tlog::VerifyProof(offline, leaf, policy), IsOk());
  leaf.back() ^= 1;
  EXPECT_THAT(tlog::VerifyProof(offline, leaf, policy),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(VaultLogTest, PublishingGoesOnAfterAReopen) {
  OpenLog("log");
  {
    TlogVaultLog log(*log_);
    ASSERT_THAT(ActPublisher(*world_.store, log).Tick(), IsOk());
  }
  world_.Put(world_.anna, "health.disability", "true");
  OpenLog("log");
  TlogVaultLog log(*log_);
  ActPublisher publisher(*world_.store, log);
  ASSERT_THAT(publisher.CheckStore(), IsOk());
  EXPECT_EQ(*publisher.Tick(), 2);
  EXPECT_EQ(log_->size(), world_.store->Head()->counter);
}

TEST_F(VaultLogTest, AnOlderStoreIsRefused) {
  OpenLog("log");
  TlogVaultLog log(*log_);
  world_.Put(world_.anna, "health.disability", "true");
  ASSERT_THAT(ActPublisher(*world_.store, log).Tick(), IsOk());
  // A store restored from before the put: only the catalogue.
  const VaultWorld restored;
  EXPECT_THAT(ActPublisher(*restored.store, log).CheckStore(),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace limpid::vault

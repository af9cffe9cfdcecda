// A person with a sealed key and a recovery slot, and the desk that hands it
// out.

#ifndef LIMPID_TESTS_UNIT_VAULT_RECOVERY_FIXTURE_H_
#define LIMPID_TESTS_UNIT_VAULT_RECOVERY_FIXTURE_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/recovery_slot.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/sealed_fixture.h"
#include "vault/recovery/recovery_desk.h"

namespace limpid::vault {

inline constexpr absl::Duration kDelay = absl::Hours(72);
inline constexpr absl::Duration kTick = absl::Milliseconds(1);

class RecoveryDeskTest : public SealedTest {
 protected:
  void SetUp() override {
    AddSlot();
    slot_ = RecoverySlot(2);
    ASSERT_THAT(slots_.Add(world_.anna, slot_), testing::IsOk());
  }
  Slot RecoverySlot(std::uint8_t id) const {
    Slot slot;
    slot.name = {SlotKind::kRecovery, {}, key_.generation};
    slot.name.id.fill(id);
    slot.key_id = key_.id;
    slot.body =
        client::RecoverySlotBody(home_, key_, slot.name.id, recovery_key_);
    return slot;
  }
  [[nodiscard]] const SlotId& id() const { return slot_.name.id; }
  [[nodiscard]] Owner owner() const {
    return world_.core->blinder().OwnerOf(world_.anna.holder);
  }
  std::uint64_t Acts() const { return world_.store->Head()->counter; }
  SlotRecovery Listed() {
    const auto listed = desk_.List(world_.anna);
    EXPECT_THAT(listed, testing::IsOk());
    EXPECT_EQ(listed->size(), 1);
    return listed->front();
  }
  std::uint64_t Start() {
    const auto started = desk_.Start(world_.anna, id());
    EXPECT_THAT(started, testing::IsOk());
    return started.ok() ? started->recovery.number : 0;
  }
  absl::Status HandOut() { return desk_.HandOut(world_.anna, id()).status(); }
  absl::Status Cancel(std::uint64_t number) {
    return desk_.Cancel(world_.anna, id(), number).status();
  }
  void Bar() {
    ASSERT_THAT(Cancel(Start()), testing::IsOk());
    ASSERT_THAT(Cancel(Start()), testing::IsOk());
  }
  absl::Status Allow(std::uint64_t number,
                     const crypto::Ed25519Signature& signature) {
    return desk_.Allow(world_.anna, id(), number, signature).status();
  }
  crypto::Ed25519Signature Signed(std::uint64_t number) const {
    return client::SignAllow(home_, key_, id(), number);
  }
  void Edit(const std::function<void(RecoveryRow&)>& change) {
    ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
      RecoveryRow row = transaction.Recoveries(owner())->front();
      change(row);
      return transaction.PutRecovery(row);
    }),
                testing::IsOk());
  }

  base::SecretBytes recovery_key_ = client::MakeRecoveryKey(home_, key_);
  RecoveryDesk desk_{*world_.core, kDelay};
  Slot slot_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_RECOVERY_FIXTURE_H_

// Anna with a device: what tests of sealed values share.

#ifndef LIMPID_TESTS_UNIT_VAULT_SEALED_FIXTURE_H_
#define LIMPID_TESTS_UNIT_VAULT_SEALED_FIXTURE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/cpp/sealing.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"
#include "vault/custody/sealed_vault.h"
#include "vault/custody/slot_desk.h"

namespace limpid::vault {

class SealedTest : public ::testing::Test {
 protected:
  SealedTest()
      : home_{ExampleIdentity().operator_name, ExampleIdentity().source.bytes(),
              world_.anna.holder.bytes()},
        key_(client::MakeSealedKey(home_)) {}

  // A slot of Anna's key for a device.
  Slot DeviceSlotOf(const crypto::X25519PublicKey& device,
                    std::uint8_t id) const {
    Slot slot;
    slot.name = {SlotKind::kDevice, {}, key_.generation};
    slot.name.id.fill(id);
    slot.key_id = key_.id;
    slot.body = client::DeviceSlotBody(home_, key_, slot.name.id, device,
                                       world_.anna_key)
                    .value();
    return slot;
  }
  void AddSlot() {
    ASSERT_THAT(slots_.Add(world_.anna, DeviceSlotOf(device_.PublicKey(), 1)),
                testing::IsOk());
  }

  // A version as her device seals it.
  NewSealedValue Sealed(std::string_view attribute, std::uint64_t version,
                        std::string_view json) const {
    client::SealedPlace place{attribute, 1, version, 0};
    const absl::Time put_time =
        absl::FromUnixMillis(absl::ToUnixMillis(world_.clock.Now()));
    const auto sealed =
        client::SealValue(home_, key_, place, {std::string(json), put_time});
    NewSealedValue out;
    out.attribute = attribute;
    out.schema_version = 1;
    out.version = version;
    out.request_id = crypto::RandomArray<16>();
    out.put_time = put_time;
    out.parts.id = base::ToArray<16>(base::AsBytes(sealed.dek_id())).value();
    out.parts.generation = sealed.generation();
    out.parts.label = base::ToBytes(sealed.label());
    out.parts.wrap = base::ToBytes(sealed.wrap());
    out.parts.payload = base::ToBytes(sealed.payload());
    return out;
  }
  void PutSealed(std::string_view attribute, std::uint64_t version,
                 std::string_view json) {
    ASSERT_THAT(vault_.Put(world_.anna, Sealed(attribute, version, json)),
                testing::IsOk());
  }

  VaultWorld world_;
  SlotDesk slots_{*world_.core};
  SealedVault vault_{*world_.core};
  crypto::X25519PrivateKey device_ = crypto::X25519PrivateKey::Generate();
  client::SealedHome home_;
  client::SealedKey key_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_SEALED_FIXTURE_H_

// Slots that a person's devices bring: what is taken, what is refused, and
// that each act is in the log before its slot is there.

#include "vault/custody/slot_desk.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/forwarding_key_store.h"
#include "tests/unit/vault/sealed_fixture.h"
#include "vault/custody/slot_body.h"
#include "vault/portability/move_desk.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

class SlotDeskTest : public SealedTest {
 protected:
  Slot First() const { return DeviceSlotOf(device_.PublicKey(), 1); }
  std::uint64_t Acts() const { return world_.store->Head()->counter; }
};

base::Bytes PassphraseBody(std::uint32_t operations, std::uint32_t kib) {
  base::ByteWriter writer("limpid/vault/slot/passphrase/1");
  return writer.Raw(Counting<16>(1))
      .U32(operations)
      .U32(kib)
      .Lp(crypto::SealSecret(crypto::Suite::kXChaCha20Poly1305, CountingKey(1),
                             {}, Counting<16>(1), CountingKey(2)))
      .Take();
}

TEST_F(SlotDeskTest, ASlotComesBackAsItWasBrought) {
  const Slot slot = First();
  const auto added = slots_.Add(world_.anna, slot);
  ASSERT_THAT(added, IsOk());
  const auto listed = slots_.List(world_.anna);
  ASSERT_THAT(listed, IsOk());
  ASSERT_EQ(listed->size(), 1);
  EXPECT_EQ(listed->front().body, slot.body);
  EXPECT_EQ(listed->front().key_id, slot.key_id);
  EXPECT_EQ(listed->front().name.id, slot.name.id);
  EXPECT_EQ(listed->front().created, world_.clock.Now());
  EXPECT_TRUE(slots_.List(world_.bela)->empty());
}

TEST_F(SlotDeskTest, TheSameAgainIsAnsweredAlikeAndAnotherIsNot) {
  const Slot slot = First();
  const auto added = slots_.Add(world_.anna, slot);
  ASSERT_THAT(added, IsOk());
  const std::uint64_t acts = Acts();
  world_.clock.Advance(absl::Seconds(5));
  const auto again = slots_.Add(world_.anna, slot);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->commitment, added->commitment);
  EXPECT_EQ(Acts(), acts);
  // A fresh box to the same device under the same id.
  EXPECT_THAT(slots_.Add(world_.anna, First()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Acts(), acts);
}

TEST_F(SlotDeskTest, OnlyThePersonsOwnSignatureForThisPlaceIsTaken) {
  const auto refused = [&](const std::function<void(Slot&)>& change) {
    Slot slot = First();
    change(slot);
    EXPECT_THAT(slots_.Add(world_.anna, slot),
                StatusIs(absl::StatusCode::kInvalidArgument));
  };
  refused([](Slot& slot) { slot.name.id[3] ^= 1; });
  refused([](Slot& slot) { slot.name.generation = 2; });
  refused([](Slot& slot) { slot.key_id[0] ^= 1; });
  refused([](Slot& slot) { slot.name.kind = SlotKind::kServer; });
  refused([](Slot& slot) { slot.name.kind = SlotKind::kRecovery; });
  refused([](Slot& slot) { slot.name.kind = static_cast<SlotKind>(9); });
  refused([](Slot& slot) { slot.name.id = {}; });
  refused([](Slot& slot) { slot.key_id = {}; });
  refused([](Slot& slot) { slot.name.generation = 0; });
  refused([](Slot& slot) { slot.body.pop_back(); });
  refused([](Slot& slot) { slot.body.push_back(0); });
  refused([](Slot& slot) { slot.body.clear(); });
  const Slot good = First();
  for (std::size_t bit = 0; bit < good.body.size() * 8; ++bit) {
    refused([&](Slot& slot) {
      slot = good;
      slot.body[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    });
  }
  // Anna's slot in Bela's hands.
  EXPECT_THAT(slots_.Add(world_.bela, good),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_TRUE(slots_.List(world_.anna)->empty());
  EXPECT_TRUE(slots_.List(world_.bela)->empty());
  EXPECT_THAT(slots_.Add(world_.anna, good), IsOk());
}

TEST_F(SlotDeskTest, ASecondKeyIsRefused) {
  AddSlot();
  key_ = client::MakeSealedKey(home_);
  const std::uint64_t acts = Acts();
  EXPECT_THAT(slots_.Add(world_.anna, DeviceSlotOf(device_.PublicKey(), 2)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(Acts(), acts) << "what was refused is no act";
  EXPECT_EQ(slots_.List(world_.anna)->size(), 1);
}

TEST_F(SlotDeskTest, SixteenSlotsAndNoMore) {
  for (std::size_t i = 1; i <= SlotDesk::kMaxSlots; ++i) {
    ASSERT_THAT(
        slots_.Add(world_.anna, DeviceSlotOf(device_.PublicKey(),
                                             static_cast<std::uint8_t>(i))),
        IsOk());
  }
  EXPECT_THAT(slots_.Add(world_.anna, DeviceSlotOf(device_.PublicKey(), 99)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(SlotDeskTest, TheLastWayIsNeverTakenAway) {
  AddSlot();
  const SlotName first = First().name;
  EXPECT_THAT(slots_.Remove(world_.anna, first),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const Slot second =
      DeviceSlotOf(crypto::X25519PrivateKey::Generate().PublicKey(), 2);
  ASSERT_THAT(slots_.Add(world_.anna, second), IsOk());
  const std::uint64_t acts = Acts();
  EXPECT_THAT(slots_.Remove(world_.bela, first),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_EQ(Acts(), acts);
  EXPECT_THAT(slots_.Remove(world_.anna, first), IsOk());
  EXPECT_EQ(Acts(), acts + 1);
  EXPECT_THAT(slots_.Remove(world_.anna, first),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_EQ(slots_.List(world_.anna)->size(), 1);
  EXPECT_EQ(slots_.List(world_.anna)->front().body, second.body);
  // Its id says which act is meant: it is not given out twice.
  EXPECT_THAT(slots_.Add(world_.anna, First()),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(SlotDeskTest, RecoveryAndPassphraseSlotsAreJudgedByTheirShape) {
  Slot slot;
  slot.name = {SlotKind::kPassphrase, Counting<16>(1), key_.generation};
  slot.key_id = key_.id;
  for (const auto& [operations, kib] :
       {std::pair{0U, kMinPassphraseKib}, std::pair{17U, kMinPassphraseKib},
        std::pair{3U, kMinPassphraseKib - 1},
        std::pair{3U, kMaxPassphraseKib + 1}}) {
    slot.body = PassphraseBody(operations, kib);
    EXPECT_THAT(slots_.Add(world_.anna, slot),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
  slot.body = PassphraseBody(3, kMinPassphraseKib);
  EXPECT_THAT(slots_.Add(world_.anna, slot), IsOk());
  base::ByteWriter recovery("limpid/vault/slot/recovery/2");
  slot.name = {SlotKind::kRecovery, Counting<16>(2), key_.generation};
  slot.body =
      recovery.Raw(Counting<32>(3))
          .Raw(world_.anna.key.bytes)
          .Lp(crypto::SealSecret(crypto::Suite::kAes256Gcm, CountingKey(1), {},
                                 Counting<16>(1), CountingKey(2)))
          .Take();
  EXPECT_THAT(slots_.Add(world_.anna, slot), IsOk());
  EXPECT_EQ(slots_.List(world_.anna)->size(), 2);
}

TEST_F(SlotDeskTest, TheActOfASlotIsProvenToItsPersonAlone) {
  const auto added = slots_.Add(world_.anna, First());
  ASSERT_THAT(added, IsOk());
  ASSERT_THAT(world_.publisher.Tick(), IsOk());
  const auto proof = world_.person.ProveSlot(world_.anna, First().name.id, 1,
                                             ActKind::kSlotAdd);
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->commitment, added->commitment);
  ASSERT_TRUE(proof->leaf.has_value());
  const auto disclosure = Disclosure::Decode(proof->disclosure).value();
  const Act act = Act::Decode(disclosure.encoded_act).value();
  EXPECT_EQ(act.kind, ActKind::kSlotAdd);
  EXPECT_EQ(act.key_id, key_.id);
  EXPECT_EQ(act.body, crypto::Sha256(slots_.List(world_.anna)->front().body));
  EXPECT_TRUE(act.attribute.empty());
  EXPECT_THAT(world_.person.ProveSlot(world_.bela, First().name.id, 1,
                                      ActKind::kSlotAdd),
              StatusIs(absl::StatusCode::kNotFound));
}

// The values' store was put back from before the slot was brought.
TEST_F(SlotDeskTest, ASlotWhoseActWasLostIsLoggedAgainOnce) {
  const Slot slot = First();
  const auto added = slots_.Add(world_.anna, slot);
  ASSERT_THAT(added, IsOk());
  const auto older = NewMemoryVaultStore();
  const auto core =
      VaultCore::Open({ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 0},
                      {world_.keks, *world_.keys, *older, world_.clock})
          .value();
  SlotDesk desk(*core);
  // Another slot under its id is still another one.
  EXPECT_THAT(desk.Add(world_.anna, First()),
              StatusIs(absl::StatusCode::kAlreadyExists));
  const auto again = desk.Add(world_.anna, slot);
  ASSERT_THAT(again, IsOk());
  EXPECT_NE(again->commitment, added->commitment);
  const std::uint64_t acts = older->Head()->counter;
  EXPECT_EQ(desk.Add(world_.anna, slot)->commitment, again->commitment);
  EXPECT_EQ(older->Head()->counter, acts);
  EXPECT_TRUE(older
                  ->FindAct({core->blinder().OwnerOf(world_.anna.holder),
                             slot.name.id, 1, ActKind::kSlotAdd})
                  ->has_value());
  EXPECT_EQ(desk.List(world_.anna)->size(), 1);
}

// One that was made for another vault is logged as it is stored, then too.
TEST_F(SlotDeskTest, AnActThatIsLoggedAgainSaysWhatTheFirstSaid) {
  const client::SealedHome there{"old.example", Counting<16>(0x10),
                                 HolderId::Random().bytes()};
  const client::SealedKey key = client::MakeSealedKey(there);
  Slot slot;
  slot.name = {SlotKind::kDevice, Counting<16>(1), key.generation};
  slot.key_id = key.id;
  slot.body = client::DeviceSlotBody(there, key, slot.name.id,
                                     device_.PublicKey(), world_.anna_key)
                  .value();
  slot.created = world_.clock.Now();
  slot.origin = SealedOrigin{{"old.example", SourceId(Counting<16>(0x10))},
                             HolderId(there.holder)};
  ASSERT_THAT(slots_.Add(world_.anna, slot), IsOk());
  const auto older = NewMemoryVaultStore();
  const auto core =
      VaultCore::Open({ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 0},
                      {world_.keks, *world_.keys, *older, world_.clock})
          .value();
  ASSERT_THAT(SlotDesk(*core).Add(world_.anna, slot), IsOk());
  const auto body_of = [&](VaultCore& vault) {
    auto row = vault.store()
                   .FindAct({vault.blinder().OwnerOf(world_.anna.holder),
                             slot.name.id, 1, ActKind::kSlotAdd})
                   .value();
    const base::Bytes opened = vault.DisclosureOf(*row).value();
    return Act::Decode(Disclosure::Decode(opened).value().encoded_act)
        .value()
        .body;
  };
  EXPECT_EQ(body_of(*core), body_of(*world_.core));
  EXPECT_EQ(body_of(*core),
            crypto::Sha256(StoredSlotBody(slot.origin, slot.body)));
}

// What lies here stays hers to read: a device that she gets after she moved, or
// recovers with, opens it. New values are another matter.
TEST_F(SlotDeskTest, WhoMovedAwayStillGivesADeviceAWay) {
  AddSlot();
  const NewOperator there{"new.example", Counting<32>(0x40)};
  const absl::Time now = world_.clock.Now();
  ASSERT_THAT(MoveDesk(*world_.core)
                  .Declare(world_.anna,
                           {there, 1, now,
                            base::ToBytes(world_.anna_key.Sign(MoveStatement(
                                ExampleIdentity().source, 1, there, now)))}),
              IsOk());
  EXPECT_THAT(vault_.Put(world_.anna, Sealed("person.email", 1, R"("a@b.nl")")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(slots_.Add(world_.anna, DeviceSlotOf(device_.PublicKey(), 2)),
              IsOk());
  EXPECT_THAT(slots_.Remove(world_.anna, First().name), IsOk());
}

// A slot store whose disk fails.
class FailingStore final : public ForwardingKeyStore {
 public:
  FailingStore() : FailingStore(NewMemoryKeyStore()) {}

  absl::Status InsertBeside(const SlotRow& row, std::size_t max) override {
    if (fail) return absl::UnavailableError("disk");
    return ForwardingKeyStore::InsertBeside(row, max);
  }
  absl::Status Delete(const SlotKey& key) override {
    if (fail) return absl::UnavailableError("disk");
    return ForwardingKeyStore::Delete(key);
  }

  bool fail = false;

 private:
  explicit FailingStore(std::unique_ptr<KeyStore> inner)
      : ForwardingKeyStore(*inner), inner_(std::move(inner)) {}

  std::unique_ptr<KeyStore> inner_;
};

TEST(SlotDeskOnABadDisk, WhatFailedIsRepeatedWithItsOneAct) {
  auto owned = std::make_unique<FailingStore>();
  FailingStore& store = *owned;
  VaultWorld world(std::move(owned), NewMemoryVaultStore(),
                   crypto::Suite::kXChaCha20Poly1305);
  const client::SealedHome home{ExampleIdentity().operator_name,
                                ExampleIdentity().source.bytes(),
                                world.anna.holder.bytes()};
  const client::SealedKey key = client::MakeSealedKey(home);
  SlotDesk desk(*world.core);
  const auto slot_of = [&](std::uint8_t id) {
    Slot slot;
    slot.name = {SlotKind::kDevice, Counting<16>(id), 1};
    slot.key_id = key.id;
    slot.body =
        client::DeviceSlotBody(home, key, slot.name.id,
                               crypto::X25519PrivateKey::Generate().PublicKey(),
                               world.anna_key)
            .value();
    return slot;
  };
  const Slot slot = slot_of(1);
  store.fail = true;
  EXPECT_THAT(desk.Add(world.anna, slot),
              StatusIs(absl::StatusCode::kUnavailable));
  const std::uint64_t acts = world.store->Head()->counter;
  EXPECT_TRUE(desk.List(world.anna)->empty());
  store.fail = false;
  // Under the id of the act, only what the act says.
  EXPECT_THAT(desk.Add(world.anna, slot_of(1)),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(desk.Add(world.anna, slot), IsOk());
  EXPECT_EQ(world.store->Head()->counter, acts);
  ASSERT_THAT(desk.Add(world.anna, slot_of(2)), IsOk());
  store.fail = true;
  EXPECT_FALSE(desk.Remove(world.anna, slot.name).ok());
  EXPECT_EQ(desk.List(world.anna)->size(), 2);
  store.fail = false;
  EXPECT_THAT(desk.Remove(world.anna, slot.name), IsOk());
  EXPECT_EQ(desk.List(world.anna)->size(), 1);
  EXPECT_EQ(world.store->Head()->counter, acts + 2);
}

}  // namespace
}  // namespace limpid::vault

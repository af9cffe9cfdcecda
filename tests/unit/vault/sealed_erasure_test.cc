// Erasing and rotating where values are sealed: what the server can promise of
// them, and that neither gets in the other's way.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/sealed_fixture.h"
#include "vault/erasure/erasure_desk.h"
#include "vault/erasure/hold_desk.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kBirth[] = "person.birth_date";
constexpr char kName[] = "person.name";
constexpr char kNameValue[] = R"({"family":"J","given":"A"})";

class SealedErasureTest : public SealedTest {
 protected:
  void SetUp() override {
    AddSlot();
    world_.Put(world_.anna, kName, kNameValue);
    PutSealed(kBirth, 1, "\"1990-02-28\"");
  }
  [[nodiscard]] Owner owner() const {
    return world_.core->blinder().OwnerOf(world_.anna.holder);
  }
  [[nodiscard]] CopyRow Copy(std::uint64_t version) const {
    CopyRow row;
    row.owner = owner();
    row.record_key.fill(7);
    row.name_key = world_.core->blinder().NameKeyOf(world_.anna.holder, kBirth);
    row.version = version;
    row.outer = {1, 2, 3};
    return row;
  }
  [[nodiscard]] bool CopyIsThere() const {
    const CopyRow row = Copy(1);
    return world_.copies->Find(row.owner, row.record_key, row.name_key)
        ->has_value();
  }
};

TEST_F(SealedErasureTest, TheCertificateClaimsNoKeyForASealedVersion) {
  const auto sealed = world_.desk.EraseVersion(world_.anna, kBirth, 1);
  ASSERT_THAT(sealed, IsOk());
  const auto facts = ErasureCertificate::Decode(sealed->certificate);
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->attribute, kBirth);
  EXPECT_EQ(facts->generation, 0U);
  EXPECT_EQ(facts->epoch, 0U);
  ASSERT_THAT(world_.publisher.Tick(), IsOk());
  world_.clock.Advance(absl::Hours(24 * 61));
  // Never final: her own devices could open an older copy.
  EXPECT_EQ(world_.desk.CertificateOfVersion(world_.anna, kBirth, 1)->state,
            FinalState::kKeyStands);
  // An assisted one names the key that went.
  const auto assisted = world_.desk.EraseVersion(world_.anna, kName, 1);
  ASSERT_THAT(assisted, IsOk());
  EXPECT_NE(ErasureCertificate::Decode(assisted->certificate)->generation, 0U);
}

TEST_F(SealedErasureTest, ARotationLeavesSealedVersionsAndSlotsAsTheyAre) {
  const auto before = world_.person.Get(world_.anna, kBirth, 1);
  ASSERT_THAT(before, IsOk());
  const auto slots = world_.keys->List(owner(), Custody::kSealed);
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kName, 1), IsOk());
  const auto after = world_.person.Get(world_.anna, kBirth, 1);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->sealed, before->sealed);
  EXPECT_EQ(*world_.keys->List(owner(), Custody::kSealed), *slots);
  // Acts and puts go on under the newer key.
  PutSealed(kBirth, 2, "\"1990-03-01\"");
  EXPECT_THAT(slots_.Add(world_.anna, DeviceSlotOf(device_.PublicKey(), 2)),
              IsOk());
  ASSERT_THAT(world_.publisher.Tick(), IsOk());
  EXPECT_THAT(world_.person.Prove(world_.anna, kBirth, 1, ActKind::kPut),
              IsOk());
  EXPECT_THAT(world_.person.Prove(world_.anna, kBirth, 2, ActKind::kPut),
              IsOk());
}

// Erasures and rotations know a row by its id, which a device chose.
TEST_F(SealedErasureTest, AnIdIsUsedOnceWhateverBecameOfItsRow) {
  const auto& blinder = world_.core->blinder();
  const auto id_of = [&](const char* attribute) {
    const NameKey name = blinder.NameKeyOf(world_.anna.holder, attribute);
    return (*world_.store->Find(owner(), name, 1))->id;
  };
  const std::vector<crypto::KeyId> used = {id_of(kBirth), id_of(kName)};
  const auto refused = [&](const crypto::KeyId& id) {
    NewSealedValue again = Sealed(kBirth, 2, "\"1990-03-01\"");
    again.parts.id = id;
    EXPECT_THAT(
        vault_.Put(world_.anna, again),
        testing::StatusSays(absl::StatusCode::kAlreadyExists, "sealed.dek_id"));
  };
  for (const crypto::KeyId& id : used) refused(id);
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1), IsOk());
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kName, 1), IsOk());
  for (const crypto::KeyId& id : used) refused(id);
  // Erased once, in a store of values that is not this one.
  Tombstone elsewhere{0, TombstoneKind::kVersion, owner(), Counting<16>(9), 1};
  ASSERT_THAT(world_.keys->Bury({&elsewhere, 1}), IsOk());
  refused(elsewhere.row);
  EXPECT_EQ(world_.person.History(world_.anna, kBirth, 0, 10)->size(), 1);
  PutSealed(kBirth, 2, "\"1990-03-01\"");
}

TEST_F(SealedErasureTest, ACopyGoesWithTheVersionItIsOf) {
  ASSERT_THAT(world_.copies->Put(Copy(1), 9), IsOk());
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kName, 1), IsOk());
  EXPECT_TRUE(CopyIsThere());
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1), IsOk());
  EXPECT_FALSE(CopyIsThere());
}

TEST_F(SealedErasureTest, APersonIsErasedWithSlotsCopiesAndTheirKeys) {
  ASSERT_THAT(world_.copies->Put(Copy(1), 9), IsOk());
  ASSERT_THAT(world_.core->keys().FindOrCreateCopyKey(
                  owner(), Copy(1).record_key, "rec_1", world_.clock.Now()),
              IsOk());
  ASSERT_THAT(world_.ErasePerson(world_.anna), IsOk());
  EXPECT_FALSE(CopyIsThere());
  EXPECT_TRUE(world_.keys->List(owner(), Custody::kAssisted)->empty());
  EXPECT_TRUE(world_.keys->List(owner(), Custody::kSealed)->empty());
  EXPECT_EQ(*world_.keys->FindCopyKey(owner(), Copy(1).record_key),
            std::nullopt);
  EXPECT_THAT(world_.person.Get(world_.anna, kBirth, 1),
              StatusIs(absl::StatusCode::kNotFound));
  // Nothing of hers begins again.
  EXPECT_THAT(vault_.Put(world_.anna, Sealed(kBirth, 2, "\"1990-03-01\"")),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(slots_.Add(world_.anna, DeviceSlotOf(device_.PublicKey(), 3)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
}

// A person whose every value is sealed: no row of hers is under her assisted
// key, and her acts are.
class SealedAloneTest : public SealedTest {
 protected:
  void SetUp() override {
    AddSlot();
    PutSealed(kBirth, 1, "\"1990-02-28\"");
    PutSealed(kBirth, 2, "\"1990-03-01\"");
  }
  [[nodiscard]] Owner owner() const {
    return world_.core->blinder().OwnerOf(world_.anna.holder);
  }
};

TEST_F(SealedAloneTest, SheCanBeHeld) {
  const auto placed = world_.holds.Place(
      world_.anna.holder, {HoldGround::kLegalClaims, "court file 12/26"});
  ASSERT_THAT(placed, IsOk());
  EXPECT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(world_.holds.Place(world_.bela.holder,
                                 {HoldGround::kLegalClaims, "another"}),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(world_.holds.Lift(placed->id), IsOk());
  EXPECT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1), IsOk());
}

// Her acts are under a key that the older key store does not have: rotated from
// there, nobody could ever open them again.
TEST_F(SealedAloneTest, AnOlderKeyStoreAloneIsRefused) {
  const auto older = NewMemoryKeyStore();
  for (const Custody custody : {Custody::kAssisted, Custody::kSealed}) {
    const auto slots = world_.keys->List(owner(), custody);
    ASSERT_THAT(slots, IsOk());
    for (const SlotRow& slot : *slots) {
      ASSERT_THAT(older->Insert(slot), IsOk());
    }
  }
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 1), IsOk());
  const auto start = [&](KeyStore& keys) {
    const auto core =
        VaultCore::Open(
            {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
            {world_.keks, keys, *world_.store, world_.clock})
            .value();
    const auto eraser =
        Eraser::Open(*core, world_.tombstones, *world_.copies, {30, 7, 14, 30})
            .value();
    return eraser->Recover().status();
  };
  EXPECT_THAT(start(*older), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(*older->LastTombstone(), 0) << "nothing was changed";
  EXPECT_THAT(start(*world_.keys), IsOk());
  EXPECT_THAT(world_.person.Prove(world_.anna, kBirth, 2, ActKind::kPut),
              IsOk());
}

}  // namespace
}  // namespace limpid::vault

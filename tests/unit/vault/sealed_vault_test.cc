// Values that the server stores and cannot open: what it checks from outside,
// and that no path of it answers for them.

#include "vault/custody/sealed_vault.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/pad.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/sealed_fixture.h"
#include "vault/keys/aad.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::HasSubstr;

constexpr char kBirth[] = "person.birth_date";
constexpr char kDisability[] = "health.disability";
constexpr char kBirthValue[] = "\"1990-02-28\"";

class SealedVaultTest : public SealedTest {
 protected:
  // What a value changed after sealing is answered with.
  void ExpectRefused(absl::StatusCode code,
                     const std::function<void(NewSealedValue&)>& change) {
    NewSealedValue value = Sealed(kBirth, 1, kBirthValue);
    change(value);
    EXPECT_THAT(vault_.Put(world_.anna, value), StatusIs(code));
    EXPECT_TRUE(world_.person.List(world_.anna)->empty());
  }
  ReadReason ReasonOf(const std::string& attribute) {
    auto answer = world_.Read({attribute});
    EXPECT_THAT(answer, IsOk());
    if (!answer.ok()) return ReadReason::kReleased;
    EXPECT_TRUE(answer->lines.front().value_json.empty());
    return answer->lines.front().reason;
  }
};

TEST_F(SealedVaultTest, ThePersonsDeviceGetsItBackAndOpensIt) {
  AddSlot();
  PutSealed(kBirth, 1, kBirthValue);
  const auto own = world_.person.Get(world_.anna, kBirth, 0);
  ASSERT_THAT(own, IsOk());
  EXPECT_EQ(own->info.custody, Custody::kSealed);
  EXPECT_EQ(own->info.version, 1);
  EXPECT_TRUE(own->value.value_json.empty());
  ASSERT_TRUE(own->sealed.has_value());
  v1::SealedValue parts;
  parts.set_dek_id(base::ToText(own->sealed->id));
  parts.set_generation(own->sealed->generation);
  parts.set_label(base::ToText(own->sealed->label));
  parts.set_wrap(base::ToText(own->sealed->wrap));
  parts.set_payload(base::ToText(own->sealed->payload));
  const auto opened =
      client::OpenSealedValue(home_, key_, {kBirth, 1, 1, 0}, parts);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->value_json, kBirthValue);
  EXPECT_THAT(world_.person.Get(world_.bela, kBirth, 0),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SealedVaultTest, ItIsListedAndErasedLikeOthers) {
  AddSlot();
  world_.Put(world_.anna, "person.email", "\"anna@example.org\"");
  PutSealed(kBirth, 1, kBirthValue);
  PutSealed(kBirth, 2, "\"1990-02-27\"");
  const auto list = world_.person.List(world_.anna);
  ASSERT_THAT(list, IsOk());
  ASSERT_EQ(list->size(), 2);
  EXPECT_EQ(list->front().attribute, kBirth);
  EXPECT_EQ(list->front().version, 2);
  EXPECT_EQ(list->front().custody, Custody::kSealed);
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 2), IsOk());
  EXPECT_EQ(world_.person.Get(world_.anna, kBirth, 0)->info.version, 1);
  const auto history = world_.person.History(world_.anna, kBirth, 0, 10);
  ASSERT_THAT(history, IsOk());
  ASSERT_EQ(history->size(), 2);
  EXPECT_TRUE(history->front().erase_time.has_value());
  const auto proof = world_.person.Prove(world_.anna, kBirth, 1, ActKind::kPut);
  ASSERT_THAT(proof, IsOk());
}

TEST_F(SealedVaultTest, NothingIsTakenThatNobodyCouldOpen) {
  ExpectRefused(absl::StatusCode::kFailedPrecondition, [](NewSealedValue&) {});
  AddSlot();
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                [](NewSealedValue& value) { value.parts.generation = 2; });
  // Bela's slot is no way for Anna, nor the reverse.
  EXPECT_THAT(vault_.Put(world_.bela, Sealed(kBirth, 1, kBirthValue)),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(vault_.Put(world_.anna, Sealed(kBirth, 1, kBirthValue)), IsOk());
}

TEST_F(SealedVaultTest, TheOrderOfVersionsIsKept) {
  AddSlot();
  ExpectRefused(absl::StatusCode::kAborted,
                [](NewSealedValue& value) { value.version = 2; });
  ExpectRefused(absl::StatusCode::kAborted,
                [](NewSealedValue& value) { value.version = 0; });
  EXPECT_EQ(vault_.Place(world_.anna, kBirth)->version, 1);
  world_.Put(world_.anna, kBirth, kBirthValue);
  EXPECT_EQ(vault_.Place(world_.anna, kBirth)->version, 2);
  EXPECT_THAT(vault_.Put(world_.anna, Sealed(kBirth, 1, kBirthValue)),
              StatusIs(absl::StatusCode::kAborted));
  PutSealed(kBirth, 2, kBirthValue);
  // Erased numbers are not given out again.
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kBirth, 2), IsOk());
  EXPECT_EQ(vault_.Place(world_.anna, kBirth)->version, 3);
}

TEST_F(SealedVaultTest, PartsHaveTheSizesOfSealing) {
  AddSlot();
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.id = {}; });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.generation = 0; });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.label.clear(); });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.label.pop_back(); });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.label[0] = 9; });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.wrap.push_back(0); });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.wrap[0] = 2; });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.payload.clear(); });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.payload[0] = 2; });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.payload[2] = 2; });
  ExpectRefused(kInvalid,
                [](NewSealedValue& v) { v.parts.payload.push_back(0); });
  ExpectRefused(kInvalid, [](NewSealedValue& v) { v.parts.payload[7] = 0; });
}

// A payload whose chunk holds `size` bytes.
base::Bytes PayloadOf(std::size_t size) {
  base::Bytes chunk(
      size + crypto::EnvelopeOverhead(crypto::Suite::kXChaCha20Poly1305), 0);
  chunk.front() = 1;
  base::ByteWriter writer;
  return writer.U8(1).U16(1).Lp(chunk).Take();
}

TEST_F(SealedVaultTest, OnlyPaddedLengthsAreStored) {
  SealedParts parts = Sealed(kBirth, 1, kBirthValue).parts;
  std::set<std::size_t> padded;
  for (std::size_t size = 43; size <= 40'000; ++size) {
    padded.insert(size < 4096 ? crypto::BucketLength(size)
                              : crypto::PadmeLength(size));
  }
  for (std::size_t size = 0; size <= 40'000; ++size) {
    parts.payload = PayloadOf(size);
    EXPECT_EQ(CheckParts(parts, kBirth).ok(), padded.contains(size)) << size;
  }
  const std::size_t longest = crypto::PadmeLength(kMaxValueBytes + 138);
  parts.payload = PayloadOf(longest);
  EXPECT_THAT(CheckParts(parts, kBirth), IsOk());
  parts.payload = PayloadOf(crypto::PadmeLength(longest));
  EXPECT_FALSE(CheckParts(parts, kBirth).ok());
}

TEST_F(SealedVaultTest, TheDevicesClockMayBeOffByFiveMinutes) {
  AddSlot();
  const absl::Duration over = SealedVault::kMaxSkew + absl::Milliseconds(1);
  ExpectRefused(absl::StatusCode::kInvalidArgument,
                [&](NewSealedValue& value) { value.put_time += over; });
  ExpectRefused(absl::StatusCode::kInvalidArgument,
                [&](NewSealedValue& value) { value.put_time -= over; });
  NewSealedValue value = Sealed(kBirth, 1, kBirthValue);
  value.put_time += SealedVault::kMaxSkew;
  EXPECT_THAT(vault_.Put(world_.anna, value), IsOk());
}

TEST_F(SealedVaultTest, TheCatalogueDecidesWhatMayBeSealed) {
  AddSlot();
  ExpectRefused(absl::StatusCode::kNotFound, [](NewSealedValue& value) {
    value.attribute = "person.star_sign";
  });
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                [](NewSealedValue& value) { value.schema_version = 2; });
  Definition definition =
      world_.core->catalogue().Find(kBirth, 0).value()->definition;
  definition.assisted_only = true;
  ASSERT_THAT(world_.core->catalogue().Create(definition, world_.clock.Now()),
              IsOk());
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                [](NewSealedValue& value) { value.schema_version = 2; });
  EXPECT_THAT(vault_.Place(world_.anna, kBirth),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(vault_.Place(world_.anna, "person.star_sign"),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SealedVaultTest, TheSameBytesAgainAreAnsweredAlike) {
  AddSlot();
  const NewSealedValue value = Sealed(kBirth, 1, kBirthValue);
  const auto first = vault_.Put(world_.anna, value);
  ASSERT_THAT(first, IsOk());
  world_.clock.Advance(absl::Seconds(5));
  const auto again = vault_.Put(world_.anna, value);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->commitment, first->commitment);
  EXPECT_EQ(again->version, 1);
  // The same value sealed anew is something else.
  NewSealedValue other = Sealed(kBirth, 1, kBirthValue);
  other.request_id = value.request_id;
  EXPECT_THAT(vault_.Put(world_.anna, other),
              StatusIs(absl::StatusCode::kAlreadyExists));
  // And so is an assisted put under its id.
  NewValue assisted;
  assisted.attribute = kBirth;
  assisted.value_json = kBirthValue;
  assisted.request_id = value.request_id;
  EXPECT_THAT(world_.person.Put(world_.anna, assisted),
              StatusIs(absl::StatusCode::kAlreadyExists));
}

TEST_F(SealedVaultTest, ARefusalIsNotCountedAnew) {
  AddSlot();
  auto core = VaultCore::Open(
      {ExampleIdentity(), crypto::Suite::kXChaCha20Poly1305, 16},
      {world_.keks, *world_.keys, *world_.store, world_.clock,
       crypto::SystemRandom(), PersonLimits{.versions = 3}});
  ASSERT_THAT(core, IsOk());
  SealedVault vault(**core);
  ASSERT_THAT(vault.Put(world_.anna, Sealed(kBirth, 1, kBirthValue)), IsOk());
  // Unseen by what was counted: a new count would see it.
  world_.Put(world_.anna, "person.email", "\"anna@example.org\"");
  EXPECT_THAT(vault.Put(world_.anna, Sealed(kBirth, 9, kBirthValue)),
              StatusIs(absl::StatusCode::kAborted));
  EXPECT_THAT(vault.Put(world_.anna, Sealed(kBirth, 2, kBirthValue)), IsOk());
  EXPECT_THAT(vault.Put(world_.anna, Sealed(kBirth, 3, kBirthValue)), IsOk());
  EXPECT_THAT(vault.Put(world_.anna, Sealed(kBirth, 4, kBirthValue)),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(SealedVaultTest, AnAssistedPutDoesNotReplaceItUnawares) {
  AddSlot();
  PutSealed(kBirth, 1, kBirthValue);
  NewValue value;
  value.attribute = kBirth;
  value.value_json = kBirthValue;
  value.request_id = crypto::RandomArray<16>();
  const auto refused = world_.person.Put(world_.anna, value);
  ASSERT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(base::ToStd(refused.status().message())),
              HasSubstr("sealed"));
  EXPECT_EQ(world_.person.Get(world_.anna, kBirth, 0)->info.version, 1);
  value.replace_sealed = true;
  ASSERT_THAT(world_.person.Put(world_.anna, value), IsOk());
  EXPECT_EQ(world_.person.Get(world_.anna, kBirth, 0)->value.value_json,
            kBirthValue);
  // Then nothing is sealed that it would replace.
  value.replace_sealed = false;
  value.request_id = crypto::RandomArray<16>();
  EXPECT_THAT(world_.person.Put(world_.anna, value), IsOk());
}

TEST_F(SealedVaultTest, NoServiceGetsItInAnyForm) {
  AddSlot();
  // An older version that the server could open is no way out.
  world_.Put(world_.anna, kDisability, "true");
  PutSealed(kDisability, 2, "false");
  world_.Put(world_.anna, kBirth, kBirthValue);
  PutSealed(kBirth, 2, kBirthValue);
  world_.gate.Grant(kDisability);
  world_.gate.GrantOver(kBirth, 18);
  EXPECT_EQ(ReasonOf(kDisability), ReadReason::kSealed);
  EXPECT_EQ(ReasonOf(kBirth), ReadReason::kSealed);
  world_.gate.lines[kDisability].form = receipt::Form::kPseudonymous;
  EXPECT_EQ(ReasonOf(kDisability), ReadReason::kSealed);
  // Not permitted is told before sealed is.
  EXPECT_EQ(ReasonOf("person.email"), ReadReason::kNoConsent);
  EXPECT_EQ(world_.fences.open_count(), 0);
  ASSERT_THAT(world_.desk.EraseVersion(world_.anna, kDisability, 2), IsOk());
  world_.gate.Grant(kDisability);
  auto answer = world_.Read({kDisability});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->lines.front().value_json, "true");
}

TEST_F(SealedVaultTest, ARowThatOnlySaysItIsAssistedDoesNotOpen) {
  AddSlot();
  world_.Put(world_.anna, "person.email", "\"anna@example.org\"");
  const NewSealedValue value = Sealed(kDisability, 1, "true");
  // What somebody with the database key could write.
  AttributeRow row;
  row.owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  row.id = value.parts.id;
  row.name_key =
      world_.core->blinder().NameKeyOf(world_.anna.holder, kDisability);
  row.version = 1;
  row.schema_version = 1;
  row.custody = Custody::kAssisted;
  row.generation = 1;
  row.put_ms = absl::ToUnixMillis(value.put_time);
  row.label = value.parts.label;
  row.wrap = value.parts.wrap;
  row.payload = value.parts.payload;
  ASSERT_THAT(world_.store->Write([&](VaultTransaction& transaction) {
    return transaction.Insert(row);
  }),
              IsOk());
  world_.gate.Grant(kDisability);
  EXPECT_THAT(world_.Read({kDisability}),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(world_.person.Get(world_.anna, kDisability, 0),
              StatusIs(absl::StatusCode::kDataLoss));
}

// Every key that the server can come to: those it derives or unwraps, and from
// there whatever opens and has the size of a key.
class ServerKeys {
 public:
  explicit ServerKeys(VaultWorld& world) : world_(world) {
    keys_.push_back(world.keks.Kek(5).value());
    for (const std::string_view name :
         {kIndexKeyName, kActsKeyName, kStatisticsKeyName, kAnswersKeyName}) {
      keys_.push_back(world.keks.Named(name).value());
    }
    ids_.push_back({});
    base::ByteWriter kek("limpid/vault/kek-id/1");
    ids_.push_back(FirstHalf(crypto::Sha256(
        kek.Lp(ExampleIdentity().operator_name).U32(5).bytes())));
    owner_ = world.core->blinder().OwnerOf(world.anna.holder);
    const auto person = world.core->keys().Find(owner_, 0).value();
    ids_.push_back(person->id);
    keys_.push_back(person->key.Clone());
  }

  // Whether the row's value comes out.
  bool Opens(const AttributeRow& row, std::string_view attribute) {
    ids_.push_back(row.id);
    for (const SlotRow& slot : Slots()) {
      ids_.push_back(slot.key_id);
      Try(slot.outer, SlotAad(slot));
      const auto body = world_.core->keys().UnwrapBody(slot);
      // A box in it is for a device alone; its bytes are tried as keys too.
      if (body.ok()) TakeWindows(*body);
    }
    Try(row.wrap, RowAad(AadKind::kDekWrap, row, attribute));
    base::ByteReader reader(row.payload);
    reader.U8();
    reader.U16();
    const base::ByteView chunk = reader.Lp();
    return Try(chunk, RowAad(AadKind::kValue, row, attribute));
  }

 private:
  std::vector<SlotRow> Slots() const {
    std::vector<SlotRow> out;
    for (const Custody custody : {Custody::kAssisted, Custody::kSealed}) {
      const auto rows = world_.keys->List(owner_, custody).value();
      for (const SlotRow& row : rows) {
        out.push_back(row);
      }
    }
    return out;
  }
  static base::ByteArray<16> FirstHalf(const base::Digest32& digest) {
    base::ByteArray<16> out{};
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
  }
  void TakeWindows(base::ByteView bytes) {
    for (std::size_t at = 0; at + crypto::kAeadKeyBytes <= bytes.size(); ++at) {
      keys_.push_back(
          base::SecretBytes::Copy(bytes.subspan(at, crypto::kAeadKeyBytes)));
    }
  }
  bool Try(base::ByteView envelope, Aad aad) {
    aad.suite = SuiteByte(envelope);
    const base::Bytes bound = aad.Encode();
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      for (const crypto::KeyId& id : ids_) {
        const auto opened = crypto::Open(keys_[i], id, bound, envelope);
        if (!opened.ok()) continue;
        if (opened->size() == crypto::kAeadKeyBytes) {
          keys_.push_back(base::SecretBytes::Copy(*opened));
        }
        return true;
      }
    }
    return false;
  }
  Aad SlotAad(const SlotRow& slot) const {
    Aad aad;
    aad.kind = AadKind::kSlot;
    aad.operator_name = ExampleIdentity().operator_name;
    aad.holder = owner_.id;
    aad.key_id = slot.key_id;
    aad.generation = slot.generation;
    aad.epoch = slot.epoch;
    aad.custody = slot.custody;
    aad.slot_kind = static_cast<std::uint8_t>(slot.slot_kind);
    return aad;
  }
  static Aad RowAad(AadKind kind, const AttributeRow& row,
                    std::string_view attribute) {
    Aad aad;
    aad.kind = kind;
    aad.operator_name = ExampleIdentity().operator_name;
    aad.holder = row.owner.id;
    aad.attribute = attribute;
    aad.schema_version = row.schema_version;
    aad.value_version = row.version;
    aad.key_id = row.id;
    aad.generation = kind == AadKind::kValue ? 0 : row.generation;
    aad.custody = row.custody;
    return aad;
  }

  VaultWorld& world_;
  Owner owner_;
  std::vector<base::SecretBytes> keys_;
  std::vector<crypto::KeyId> ids_;
};

TEST_F(SealedVaultTest, AllKeysOfTheServerOpenTheAssistedAndNotTheSealed) {
  AddSlot();
  world_.Put(world_.anna, kBirth, kBirthValue);
  PutSealed(kDisability, 1, "true");
  const Owner owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  const auto row_of = [&](std::string_view attribute) {
    const NameKey name =
        world_.core->blinder().NameKeyOf(world_.anna.holder, attribute);
    return *world_.store->Find(owner, name, 1).value();
  };
  ServerKeys server(world_);
  EXPECT_TRUE(server.Opens(row_of(kBirth), kBirth));
  EXPECT_FALSE(server.Opens(row_of(kDisability), kDisability));
  // The sealed one opens with the key that only the device has.
  const AttributeRow row = row_of(kDisability);
  EXPECT_EQ(row.custody, Custody::kSealed);
  const PersonKey sealed{key_.id, key_.generation, Custody::kSealed,
                         key_.key.Clone()};
  const auto value = world_.core->codec().OpenValue(sealed, row, kDisability);
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->value_json, "true");
  EXPECT_EQ(world_.core->codec().OpenLabel(sealed, row)->attribute,
            kDisability);
}

TEST_F(SealedVaultTest, TheDeviceOpensWhatTheServersCodeSeals) {
  const PersonKey sealed{key_.id, key_.generation, Custody::kSealed,
                         key_.key.Clone()};
  Place place;
  place.owner = world_.core->blinder().OwnerOf(world_.anna.holder);
  place.attribute = kBirth;
  place.version = 3;
  place.schema_version = 1;
  const absl::Time time = absl::FromUnixMillis(1'795'176'000'000);
  for (const crypto::Suite suite :
       {crypto::Suite::kXChaCha20Poly1305, crypto::Suite::kAes256Gcm}) {
    const RecordCodec codec(ExampleIdentity(), suite);
    const AttributeRow row =
        codec.Seal(sealed, place, {Provenance(), time, kBirthValue});
    v1::SealedValue parts;
    parts.set_dek_id(base::ToText(row.id));
    parts.set_generation(row.generation);
    parts.set_label(base::ToText(row.label));
    parts.set_wrap(base::ToText(row.wrap));
    parts.set_payload(base::ToText(row.payload));
    const auto opened =
        client::OpenSealedValue(home_, key_, {kBirth, 1, 3, 0}, parts);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->value_json, kBirthValue);
    EXPECT_EQ(opened->put_time, time);
  }
}

}  // namespace
}  // namespace limpid::vault

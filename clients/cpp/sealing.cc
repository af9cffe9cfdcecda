#include "clients/cpp/sealing.h"

#include <utility>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/pad.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;

constexpr std::string_view kValueLabel = "limpid/vault/value/1";
constexpr std::string_view kNameLabel = "limpid/vault/label/1";
// With the days that the value is about: read and passed over, not written.
constexpr std::string_view kDatedValueLabel = "limpid/vault/value/2";
constexpr std::string_view kDatedNameLabel = "limpid/vault/label/2";
constexpr std::string_view kDeviceLabel = "limpid/vault/slot/device/2";
constexpr std::uint8_t kLayout = 1;
constexpr std::uint8_t kSealedCustody = 2;
constexpr std::uint8_t kDeviceKind = 2;
// The person said so; docs/formats/attribute-record.md.
constexpr std::uint8_t kByPerson = 1;
constexpr std::size_t kBucketLimitBytes = 4096;
constexpr crypto::Suite kSuite = crypto::Suite::kXChaCha20Poly1305;

// Numbers of docs/formats/aad.md.
enum class Kind : std::uint8_t {
  kValue = 1,
  kDekWrap = 2,
  kSlot = 3,
  kLabel = 4,
};

// Fields of the associated data that differ between the kinds used here.
struct Bound {
  Kind kind = Kind::kValue;
  std::uint8_t suite = static_cast<std::uint8_t>(kSuite);
  std::string_view attribute;
  std::uint32_t schema_version = 0;
  std::uint64_t version = 0;
  crypto::KeyId key_id{};
  std::uint32_t generation = 0;
  std::uint8_t slot_kind = 0;
};

base::Bytes Aad(const SealedHome& home, const Bound& bound) {
  base::ByteWriter writer("limpid/vault/aad/1");
  writer.U8(static_cast<std::uint8_t>(bound.kind))
      .U8(bound.suite)
      .Lp(home.operator_name)
      .Raw(home.holder)
      .Lp(bound.attribute)
      .U32(bound.schema_version)
      .U64(bound.version)
      .Raw(bound.key_id)
      .U32(bound.generation)
      .U32(0)  // Epoch: the server's.
      .U8(kSealedCustody)
      .U8(bound.slot_kind)
      .U32(0)  // The only chunk,
      .U8(1);  // and so the last.
  return writer.Take();
}

absl::Status Broken() {
  return absl::DataLossError("what the vault keeps sealed does not open here");
}

// Plaintext on its way; wiped when it goes.
class Plain {
 public:
  explicit Plain(base::Bytes bytes) : bytes_(std::move(bytes)) {}
  ~Plain() { base::Wipe(bytes_); }
  Plain(const Plain&) = delete;
  Plain& operator=(const Plain&) = delete;
  [[nodiscard]] const base::Bytes& bytes() const { return bytes_; }

 private:
  base::Bytes bytes_;
};

base::Bytes Contents(const OpenedValue& value) {
  base::ByteWriter writer(kValueLabel);
  return writer.U8(kByPerson)
      .Lp(std::string_view())
      .Lp(std::string_view())
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(value.put_time)))
      .Lp(value.value_json)
      .Take();
}

base::Bytes Padded(base::ByteView contents, std::size_t value_bytes,
                   std::size_t floor) {
  const std::size_t missing = floor > value_bytes ? floor - value_bytes : 0;
  const std::size_t size = contents.size() + missing;
  auto padded = crypto::PadToSize(contents, size < kBucketLimitBytes
                                                ? crypto::BucketLength(size)
                                                : crypto::PadmeLength(size));
  LIMPID_CHECK(padded.ok());
  return *std::move(padded);
}

// Whether `contents` are of the version with days, as their label says.
bool IsDated(base::ByteView contents, std::string_view label) {
  base::ByteReader reader(contents);
  reader.Label(label);
  return !reader.failed();
}

// docs/formats/attribute-record.md, "about": kind, first day, last day.
void PassDays(base::ByteReader& reader) {
  (void)reader.U8();
  (void)reader.U32();
  (void)reader.U32();
}

absl::StatusOr<OpenedValue> ReadContents(base::ByteView contents) {
  const bool dated = IsDated(contents, kDatedValueLabel);
  base::ByteReader reader(contents);
  reader.Label(dated ? kDatedValueLabel : kValueLabel);
  const std::uint8_t provenance = reader.U8();
  const base::ByteView thumbprint = reader.Lp();
  const base::ByteView signature = reader.Lp();
  OpenedValue out;
  out.put_time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  if (dated) PassDays(reader);
  out.value_json = reader.LpText();
  if (!reader.Finish().ok() || provenance != kByPerson || !thumbprint.empty() ||
      !signature.empty()) {
    return Broken();
  }
  return out;
}

absl::StatusOr<base::Bytes> OpenPadded(const base::SecretBytes& key,
                                       const crypto::KeyId& id,
                                       base::ByteView aad,
                                       base::ByteView envelope) {
  auto opened = crypto::Open(key, id, aad, envelope);
  if (!opened.ok()) return Broken();
  const Plain padded(*std::move(opened));
  auto contents = crypto::Unpad(padded.bytes());
  if (!contents.ok()) return Broken();
  return contents;
}

std::uint8_t SuiteByte(base::ByteView envelope) {
  return envelope.empty() ? std::uint8_t{0} : envelope.front();
}

Bound BoundTo(Kind kind, const SealedPlace& place, const crypto::KeyId& dek,
              std::uint32_t generation) {
  Bound out;
  out.kind = kind;
  if (kind != Kind::kLabel) out.attribute = place.attribute;
  out.schema_version = place.schema_version;
  out.version = place.version;
  out.key_id = dek;
  // The value is bound to its own key alone: re-wrapping leaves it as it is.
  out.generation = kind == Kind::kValue ? 0 : generation;
  return out;
}

absl::Status CheckLabel(const SealedHome& home, const SealedKey& key,
                        Bound bound, std::string_view attribute,
                        base::ByteView label) {
  bound.suite = SuiteByte(label);
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes contents,
                          OpenPadded(key.key, key.id, Aad(home, bound), label));
  const bool dated = IsDated(contents, kDatedNameLabel);
  base::ByteReader reader(contents);
  reader.Label(dated ? kDatedNameLabel : kNameLabel);
  if (dated) PassDays(reader);
  const std::string name = reader.LpText();
  if (!reader.Finish().ok() || name != attribute) return Broken();
  return absl::OkStatus();
}

// The one chunk of a payload.
absl::StatusOr<base::ByteView> ChunkOf(base::ByteView payload) {
  base::ByteReader reader(payload);
  const std::uint8_t layout = reader.U8();
  const std::uint16_t count = reader.U16();
  const base::ByteView chunk = reader.Lp();
  if (!reader.Finish().ok() || layout != kLayout || count != 1) return Broken();
  return chunk;
}

base::Bytes SlotStatement(const SealedHome& home, const SlotPlace& place,
                          const DeviceSlot& slot) {
  base::ByteWriter writer("limpid/vault/slot-statement/1");
  return writer.Raw(home.source)
      .Raw(home.holder)
      .U8(kSealedCustody)
      .U32(place.generation)
      .Raw(place.key_id)
      .U8(kDeviceKind)
      .Raw(place.slot_id)
      .Raw(slot.device.bytes)
      .Raw(slot.commitment)
      .Raw(crypto::Sha256(slot.box))
      .Take();
}

}  // namespace

SealedKey MakeSealedKey(const SealedHome& home, crypto::RandomSource& random) {
  SealedKey out;
  random.Fill(out.id);
  out.generation = 1;
  Bound bound;
  bound.kind = Kind::kSlot;
  bound.suite = 0;
  bound.key_id = out.id;
  bound.generation = out.generation;
  out.key = crypto::HedgedKey("vault-person-key", Aad(home, bound), {}, random);
  return out;
}

base::Digest32 CommitmentOf(const SealedKey& key) {
  base::ByteWriter writer("limpid/vault/person-key-commitment/1");
  Plain joined(
      writer.Raw(key.id).Raw(key.key.Reveal(base::SecretAccess::Get())).Take());
  return crypto::Sha256(joined.bytes());
}

v1::SealedValue SealValue(const SealedHome& home, const SealedKey& key,
                          const SealedPlace& place, const OpenedValue& value,
                          crypto::RandomSource& random) {
  crypto::KeyId id{};
  random.Fill(id);
  const Plain contents(Contents(value));
  const Plain padded(
      Padded(contents.bytes(), value.value_json.size(), place.pad_floor_bytes));
  Bound wrap = BoundTo(Kind::kDekWrap, place, id, key.generation);
  Bound unsealed = wrap;
  unsealed.suite = 0;
  const base::SecretBytes dek = crypto::HedgedKey(
      "vault-dek", Aad(home, unsealed), contents.bytes(), random);
  const base::Bytes chunk =
      crypto::Seal(kSuite, dek, id,
                   Aad(home, BoundTo(Kind::kValue, place, id, key.generation)),
                   padded.bytes(), random);
  base::ByteWriter payload;
  base::ByteWriter name(kNameLabel);
  const base::Bytes label = crypto::Seal(
      kSuite, key.key, key.id,
      Aad(home, BoundTo(Kind::kLabel, place, id, key.generation)),
      crypto::PadToBucket(name.Lp(place.attribute).bytes()), random);

  v1::SealedValue out;
  out.set_dek_id(base::ToText(id));
  out.set_generation(key.generation);
  out.set_label(base::ToText(label));
  out.set_wrap(base::ToText(
      crypto::SealSecret(kSuite, key.key, key.id, Aad(home, wrap), dek)));
  out.set_payload(base::ToText(payload.U8(kLayout).U16(1).Lp(chunk).bytes()));
  return out;
}

absl::StatusOr<OpenedValue> OpenSealedValue(const SealedHome& home,
                                            const SealedKey& key,
                                            const SealedPlace& place,
                                            const v1::SealedValue& sealed) {
  const auto id = base::ToArray<16>(base::AsBytes(sealed.dek_id()));
  if (!id.ok() || sealed.generation() != key.generation) return Broken();
  LIMPID_RETURN_IF_ERROR(
      CheckLabel(home, key, BoundTo(Kind::kLabel, place, *id, key.generation),
                 place.attribute, base::AsBytes(sealed.label())));
  const base::ByteView wrapped = base::AsBytes(sealed.wrap());
  Bound wrap = BoundTo(Kind::kDekWrap, place, *id, key.generation);
  wrap.suite = SuiteByte(wrapped);
  const auto dek =
      crypto::OpenSecret(key.key, key.id, Aad(home, wrap), wrapped);
  if (!dek.ok() || dek->size() != crypto::kAeadKeyBytes) return Broken();
  LIMPID_ASSIGN_OR_RETURN(const base::ByteView chunk,
                          ChunkOf(base::AsBytes(sealed.payload())));
  Bound inside = BoundTo(Kind::kValue, place, *id, key.generation);
  inside.suite = SuiteByte(chunk);
  LIMPID_ASSIGN_OR_RETURN(base::Bytes contents,
                          OpenPadded(*dek, *id, Aad(home, inside), chunk));
  const Plain plain(std::move(contents));
  return ReadContents(plain.bytes());
}

absl::StatusOr<base::Bytes> DeviceSlotBody(
    const SealedHome& home, const SealedKey& key,
    const base::ByteArray<16>& slot_id, const crypto::X25519PublicKey& device,
    const crypto::Ed25519PrivateKey& person) {
  DeviceSlot slot;
  slot.device = device;
  slot.commitment = CommitmentOf(key);
  LIMPID_ASSIGN_OR_RETURN(
      slot.box, device.Seal(key.key.Reveal(base::SecretAccess::Get())));
  slot.signature =
      person.Sign(SlotStatement(home, {slot_id, key.generation, key.id}, slot));
  base::ByteWriter writer(kDeviceLabel);
  return writer.Raw(slot.device.bytes)
      .Raw(slot.commitment)
      .Raw(slot.signature)
      .Lp(slot.box)
      .Take();
}

absl::StatusOr<DeviceSlot> ParseDeviceSlot(base::ByteView body) {
  base::ByteReader reader(body);
  reader.Label(kDeviceLabel);
  DeviceSlot out;
  out.device.bytes = reader.Array<crypto::kX25519KeyBytes>();
  out.commitment = reader.Array<32>();
  out.signature = reader.Array<crypto::kEd25519SignatureBytes>();
  out.box = base::ToBytes(reader.Lp());
  if (!reader.Finish().ok()) return Broken();
  return out;
}

bool SlotIsSigned(const SealedHome& home, const SlotPlace& place,
                  const DeviceSlot& slot,
                  const crypto::Ed25519PublicKey& person) {
  return person.Verify(SlotStatement(home, place, slot), slot.signature);
}

absl::StatusOr<SealedKey> OpenDeviceSlot(
    const SealedHome& home, const SlotPlace& place, const DeviceSlot& slot,
    const crypto::X25519PrivateKey& device,
    const crypto::Ed25519PublicKey& person) {
  if (slot.device.bytes != device.PublicKey().bytes ||
      !SlotIsSigned(home, place, slot, person)) {
    return Broken();
  }
  SealedKey out;
  out.id = place.key_id;
  out.generation = place.generation;
  auto key = device.Open(slot.box);
  if (!key.ok() || key->size() != crypto::kAeadKeyBytes) return Broken();
  out.key = *std::move(key);
  if (CommitmentOf(out) != slot.commitment) return Broken();
  return out;
}

}  // namespace limpid::client

#include "vault/attribute/record.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

#include "absl/status/status.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/crypto/pad.h"
#include "vault/keys/dek_box.h"

namespace limpid::vault {
namespace {

// What is written. The first of each, without days, is still read.
constexpr std::string_view kValueLabel = "limpid/vault/value/2";
// With an origin.
constexpr std::string_view kCarriedValueLabel = "limpid/vault/value/3";
constexpr std::string_view kLabelLabel = "limpid/vault/label/2";
constexpr std::string_view kFirstValueLabel = "limpid/vault/value/1";
constexpr std::string_view kFirstLabelLabel = "limpid/vault/label/1";
constexpr std::uint8_t kLayout = 1;
constexpr std::size_t kThumbprintBytes = 32;

absl::Status Broken() {
  return absl::DataLossError("a stored value does not open");
}

absl::Status NeedsAgent() {
  return absl::FailedPreconditionError(
      "the key of this value is sealed to a key agent: vault.key_agent says "
      "where that is");
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

base::Bytes EncodeValue(const StoredValue& value) {
  base::ByteWriter writer(value.origin ? kCarriedValueLabel : kValueLabel);
  writer.U8(static_cast<std::uint8_t>(value.provenance.kind))
      .Lp(value.provenance.key_thumbprint)
      .Lp(value.provenance.signature)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(value.put_time)));
  WriteAbout(value.about, writer);
  if (value.origin) {
    writer.Lp(value.origin->operator_name).Raw(value.origin->source.bytes());
  }
  // Last, for Pad.
  writer.Lp(value.value_json);
  return writer.Take();
}

// Past the one of `labels` that `contents` begins with, and its place in
// `which`; failed when it is none.
base::ByteReader PastLabel(base::ByteView contents,
                           std::initializer_list<std::string_view> labels,
                           std::size_t& which) {
  base::ByteReader reader(contents);
  which = 0;
  for (const std::string_view label : labels) {
    reader = base::ByteReader(contents);
    reader.Label(label);
    if (!reader.failed()) return reader;
    ++which;
  }
  return reader;
}

absl::Status CheckProvenance(const Provenance& provenance) {
  const bool with_signature = provenance.kind == ProvenanceKind::kPersonSigned;
  if (!with_signature && provenance.kind != ProvenanceKind::kPerson) {
    return Broken();
  }
  const std::size_t thumbprint = with_signature ? kThumbprintBytes : 0;
  const std::size_t signature =
      with_signature ? crypto::kEd25519SignatureBytes : 0;
  if (provenance.key_thumbprint.size() != thumbprint ||
      provenance.signature.size() != signature) {
    return Broken();
  }
  return absl::OkStatus();
}

absl::StatusOr<StoredValue> DecodeValue(base::ByteView contents) {
  std::size_t version = 0;
  base::ByteReader reader = PastLabel(
      contents, {kFirstValueLabel, kValueLabel, kCarriedValueLabel}, version);
  StoredValue value;
  value.provenance.kind = static_cast<ProvenanceKind>(reader.U8());
  value.provenance.key_thumbprint = base::ToBytes(reader.Lp());
  value.provenance.signature = base::ToBytes(reader.Lp());
  value.put_time =
      absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  if (version > 0 && !ReadAbout(reader, value.about).ok()) return Broken();
  if (version > 1) {
    value.origin.emplace();
    value.origin->operator_name = reader.LpText();
    value.origin->source = SourceId(reader.Array<base::kIdBytes>());
  }
  value.value_json = reader.LpText();
  if (!reader.Finish().ok()) return Broken();
  LIMPID_RETURN_IF_ERROR(CheckProvenance(value.provenance));
  return value;
}

// `contents`, whose last `value_bytes` are the value, padded as if the value
// had `floor` bytes at least.
base::Bytes Pad(base::ByteView contents, std::size_t value_bytes,
                std::size_t floor) {
  const std::size_t missing = floor > value_bytes ? floor - value_bytes : 0;
  const std::size_t size = contents.size() + missing;
  auto padded = crypto::PadToSize(contents, size < kBucketLimitBytes
                                                ? crypto::BucketLength(size)
                                                : crypto::PadmeLength(size));
  LIMPID_CHECK(padded.ok());
  return *std::move(padded);
}

// The only chunk. Larger values would have several; this version writes none.
absl::StatusOr<base::ByteView> SingleChunk(base::ByteView payload) {
  base::ByteReader reader(payload);
  const std::uint8_t layout = reader.U8();
  const std::uint16_t count = reader.U16();
  const base::ByteView chunk = reader.Lp();
  if (!reader.Finish().ok() || layout != kLayout || count != 1) {
    return Broken();
  }
  return chunk;
}

// The suite byte of the only chunk; 0 if there is none.
std::uint8_t ChunkSuite(base::ByteView payload) {
  base::ByteReader reader(payload);
  const std::uint8_t layout = reader.U8();
  const std::uint16_t count = reader.U16();
  reader.U32();  // Length of the chunk.
  const std::uint8_t suite = reader.U8();
  return reader.failed() || layout != kLayout || count != 1 ? std::uint8_t{0}
                                                            : suite;
}

// The value in padded contents of `row`.
absl::StatusOr<StoredValue> ValueIn(base::ByteView padded,
                                    const AttributeRow& row) {
  LIMPID_ASSIGN_OR_RETURN(base::Bytes unpadded, crypto::Unpad(padded));
  const Plain contents(std::move(unpadded));
  LIMPID_ASSIGN_OR_RETURN(StoredValue value, DecodeValue(contents.bytes()));
  // The time beside it is what lists show.
  if (absl::ToUnixMillis(value.put_time) != row.put_ms) return Broken();
  return value;
}

}  // namespace

base::Bytes ProvenanceStatement(const SourceId& source,
                                std::string_view attribute,
                                std::string_view canonical_value,
                                const About& about) {
  // Who says nothing of days signs what was always signed.
  const bool said = about.kind != AboutKind::kUnsaid;
  base::ByteWriter writer(said ? "limpid/vault/provenance/2"
                               : "limpid/vault/provenance/1");
  writer.Raw(source.bytes())
      .Lp(attribute)
      .Raw(crypto::Sha256(base::AsBytes(canonical_value)));
  if (said) WriteAbout(about, writer);
  return writer.Take();
}

RecordCodec::RecordCodec(Identity identity, crypto::Suite suite,
                         crypto::RandomSource& random,
                         std::optional<crypto::X25519PublicKey> agent)
    : identity_(std::move(identity)),
      suite_(suite),
      random_(random),
      agent_(agent) {}

Aad RecordCodec::RowAad(AadKind kind, std::uint8_t suite,
                        const AttributeRow& row,
                        std::string_view attribute) const {
  Aad aad;
  aad.kind = kind;
  aad.suite = suite;
  aad.operator_name = identity_.operator_name;
  aad.holder = row.owner.id;
  aad.attribute = attribute;
  aad.schema_version = row.schema_version;
  aad.value_version = row.version;
  aad.key_id = row.id;
  // The value is bound to its DEK alone, so that rotating re-wraps only.
  aad.generation = kind == AadKind::kValue ? 0 : row.generation;
  aad.custody = row.custody;
  return aad;
}

AttributeRow RecordCodec::NewRow(const PersonKey& key,
                                 const Place& place) const {
  AttributeRow row;
  row.owner = place.owner;
  random_.Fill(row.id);
  row.name_key = place.name_key;
  row.request_key = place.request_key;
  row.version = place.version;
  row.schema_version = place.schema_version;
  row.custody = key.custody;
  row.generation = key.generation;
  return row;
}

AttributeRow RecordCodec::SealErased(const PersonKey& key, const Place& place,
                                     const About& about, std::int64_t put_ms,
                                     std::int64_t erase_ms) const {
  AttributeRow row = NewRow(key, place);
  row.state = RowState::kErased;
  row.put_ms = put_ms;
  row.erase_ms = erase_ms;
  row.label = SealLabel(key, row, {std::string(place.attribute), about});
  return row;
}

AttributeRow RecordCodec::Seal(const PersonKey& key, const Place& place,
                               const StoredValue& value) const {
  AttributeRow row = NewRow(key, place);
  row.put_ms = absl::ToUnixMillis(value.put_time);

  const Plain contents(EncodeValue(value));
  const Plain padded(
      Pad(contents.bytes(), value.value_json.size(), place.pad_floor_bytes));
  base::SecretBytes dek = crypto::HedgedKey(
      "vault-dek",
      RowAad(AadKind::kDekWrap, /*suite=*/0, row, place.attribute).Encode(),
      contents.bytes(), random_);
  row.payload = SealPayload(dek, row, place.attribute, padded.bytes());
  row.wrap = SealWrap(key, row, place.attribute,
                      ForAgent(std::move(dek), row, place.attribute));
  row.label = SealLabel(key, row, {std::string(place.attribute), value.about});
  return row;
}

base::Bytes RecordCodec::SealLabel(const PersonKey& key,
                                   const AttributeRow& row,
                                   const RowLabel& contents) const {
  base::ByteWriter label(kLabelLabel);
  WriteAbout(contents.about, label);
  return crypto::Seal(
      suite_, key.key, key.id,
      RowAad(AadKind::kLabel, static_cast<std::uint8_t>(suite_), row, "")
          .Encode(),
      crypto::PadToBucket(label.Lp(contents.attribute).bytes()), random_);
}

base::Bytes RecordCodec::SealWrap(const PersonKey& key, const AttributeRow& row,
                                  std::string_view attribute,
                                  const base::SecretBytes& wrapped) const {
  return crypto::SealSecret(
      suite_, key.key, key.id,
      RowAad(AadKind::kDekWrap, static_cast<std::uint8_t>(suite_), row,
             attribute)
          .Encode(),
      wrapped);
}

base::Bytes RecordCodec::SealPayload(const base::SecretBytes& dek,
                                     const AttributeRow& row,
                                     std::string_view attribute,
                                     base::ByteView padded) const {
  const base::Bytes chunk = crypto::Seal(
      suite_, dek, row.id,
      RowAad(AadKind::kValue, static_cast<std::uint8_t>(suite_), row, attribute)
          .Encode(),
      padded, random_);
  base::ByteWriter payload;
  return payload.U8(kLayout).U16(1).Lp(chunk).Take();
}

base::SecretBytes RecordCodec::ForAgent(base::SecretBytes wrapped,
                                        const AttributeRow& row,
                                        std::string_view attribute) const {
  if (!agent_ || IsBoxed(wrapped)) return wrapped;
  BoxedDek boxed{identity_,          row.owner.id, std::string(attribute),
                 row.schema_version, row.version,  row.id,
                 std::move(wrapped)};
  const auto box = SealDekBox(*agent_, boxed);
  LIMPID_CHECK(box.ok());
  return base::SecretBytes::Copy(*box);
}

absl::StatusOr<base::SecretBytes> RecordCodec::OpenWrap(
    const PersonKey& key, const AttributeRow& row,
    std::string_view attribute) const {
  if (key.generation != row.generation || key.custody != row.custody ||
      row.state != RowState::kKept) {
    return Broken();
  }
  LIMPID_ASSIGN_OR_RETURN(
      base::SecretBytes wrapped,
      crypto::OpenSecret(
          key.key, key.id,
          RowAad(AadKind::kDekWrap, SuiteByte(row.wrap), row, attribute)
              .Encode(),
          row.wrap));
  if (wrapped.size() < crypto::kAeadKeyBytes) return Broken();
  return wrapped;
}

absl::StatusOr<StoredValue> RecordCodec::OpenValue(
    const PersonKey& key, const AttributeRow& row,
    std::string_view attribute) const {
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes dek,
                          OpenWrap(key, row, attribute));
  if (IsBoxed(dek)) return NeedsAgent();
  return OpenPayload(dek, row, attribute);
}

absl::StatusOr<base::Bytes> RecordCodec::OpenChunk(
    const base::SecretBytes& dek, const AttributeRow& row,
    std::string_view attribute) const {
  if (dek.size() != crypto::kAeadKeyBytes) return Broken();
  LIMPID_ASSIGN_OR_RETURN(const base::ByteView chunk, SingleChunk(row.payload));
  return crypto::Open(
      dek, row.id,
      RowAad(AadKind::kValue, SuiteByte(chunk), row, attribute).Encode(),
      chunk);
}

absl::StatusOr<StoredValue> RecordCodec::OpenPayload(
    const base::SecretBytes& dek, const AttributeRow& row,
    std::string_view attribute) const {
  LIMPID_ASSIGN_OR_RETURN(base::Bytes opened, OpenChunk(dek, row, attribute));
  const Plain padded(std::move(opened));
  return ValueIn(padded.bytes(), row);
}

absl::StatusOr<RowLabel> RecordCodec::OpenLabel(const PersonKey& key,
                                                const AttributeRow& row) const {
  if (key.generation != row.generation || key.custody != row.custody) {
    return Broken();
  }
  LIMPID_ASSIGN_OR_RETURN(
      const base::Bytes padded,
      crypto::Open(
          key.key, key.id,
          RowAad(AadKind::kLabel, SuiteByte(row.label), row, "").Encode(),
          row.label));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes contents, crypto::Unpad(padded));
  std::size_t version = 0;
  base::ByteReader reader =
      PastLabel(contents, {kFirstLabelLabel, kLabelLabel}, version);
  RowLabel label;
  if (version > 0 && !ReadAbout(reader, label.about).ok()) return Broken();
  label.attribute = reader.LpText();
  if (!reader.Finish().ok()) return Broken();
  return label;
}

absl::StatusOr<AttributeRow> RecordCodec::Rewrap(
    const PersonKey& from, const PersonKey& to, const AttributeRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(const RowLabel label, OpenLabel(from, row));
  const std::string& attribute = label.attribute;
  AttributeRow out = row;
  out.generation = to.generation;
  out.label = SealLabel(to, out, label);
  LIMPID_ASSIGN_OR_RETURN(const RowLabel again, OpenLabel(to, out));
  if (again != label) return Broken();
  if (row.state != RowState::kKept) return out;
  LIMPID_ASSIGN_OR_RETURN(base::SecretBytes opened,
                          OpenWrap(from, row, attribute));
  const base::SecretBytes wrapped = ForAgent(std::move(opened), row, attribute);
  out.wrap = SealWrap(to, out, attribute, wrapped);
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes same,
                          OpenWrap(to, out, attribute));
  if (!(same == wrapped)) return Broken();
  return out;
}

bool RecordCodec::IsCurrent(const AttributeRow& row) const {
  const auto suite = static_cast<std::uint8_t>(suite_);
  if (SuiteByte(row.label) != suite || SuiteByte(row.wrap) != suite ||
      ChunkSuite(row.payload) != suite) {
    return false;
  }
  // A box is longer than the DEK in it.
  return !agent_ || row.wrap.size() != crypto::EnvelopeOverhead(suite_) +
                                           crypto::kAeadKeyBytes;
}

absl::StatusOr<AttributeRow> RecordCodec::Reseal(
    const PersonKey& key, const AttributeRow& row) const {
  LIMPID_ASSIGN_OR_RETURN(const RowLabel label, OpenLabel(key, row));
  const std::string& attribute = label.attribute;
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes old,
                          OpenWrap(key, row, attribute));
  if (IsBoxed(old)) return NeedsAgent();
  LIMPID_ASSIGN_OR_RETURN(base::Bytes opened, OpenChunk(old, row, attribute));
  const Plain padded(std::move(opened));
  // What would not be served must not become what was looked at and found good.
  LIMPID_ASSIGN_OR_RETURN(StoredValue value, ValueIn(padded.bytes(), row));
  const bool together = value.about == label.about;
  base::Wipe(value.value_json);
  if (!together) return Broken();

  AttributeRow out = row;
  // Under a label of its own: repeated randomness gives another key than that
  // of the put.
  const base::SecretBytes dek = crypto::HedgedKey(
      "vault-dek-anew",
      RowAad(AadKind::kDekWrap, /*suite=*/0, row, attribute).Encode(),
      padded.bytes(), random_);
  out.payload = SealPayload(dek, out, attribute, padded.bytes());
  const base::SecretBytes wrapped = ForAgent(dek.Clone(), row, attribute);
  out.wrap = SealWrap(key, out, attribute, wrapped);
  out.label = SealLabel(key, out, label);

  LIMPID_ASSIGN_OR_RETURN(const RowLabel label_again, OpenLabel(key, out));
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes wrapped_again,
                          OpenWrap(key, out, attribute));
  LIMPID_ASSIGN_OR_RETURN(base::Bytes opened_again,
                          OpenChunk(dek, out, attribute));
  const Plain padded_again(std::move(opened_again));
  if (label_again != label || !(wrapped_again == wrapped) ||
      padded_again.bytes() != padded.bytes() || !IsCurrent(out)) {
    return Broken();
  }
  return out;
}

}  // namespace limpid::vault

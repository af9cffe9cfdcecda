#include "vault/portability/origin.h"

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "vault/keys/aad.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kSlotLabel = "limpid/vault/slot/carried/1";
constexpr std::string_view kOriginLabel = "limpid/vault/origin/1";
// docs/formats/attribute-record.md; layout 1 is the device's.
constexpr std::uint8_t kCarriedLayout = 2;

absl::Status Broken() {
  return absl::DataLossError("where something was sealed does not open");
}

void Write(const SealedOrigin& origin, base::ByteWriter& writer) {
  writer.Lp(origin.vault.operator_name)
      .Raw(origin.vault.source.bytes())
      .Raw(origin.holder.bytes());
}

SealedOrigin Read(base::ByteReader& reader) {
  SealedOrigin out;
  out.vault.operator_name = reader.LpText();
  out.vault.source = SourceId(reader.Array<base::kIdBytes>());
  out.holder = HolderId(reader.Array<base::kIdBytes>());
  return out;
}

}  // namespace

base::Bytes StoredSlotBody(const std::optional<SealedOrigin>& origin,
                           base::ByteView body) {
  if (!origin) return base::ToBytes(body);
  base::ByteWriter writer(kSlotLabel);
  Write(*origin, writer);
  return writer.Lp(body).Take();
}

absl::StatusOr<SlotBody> ReadStoredSlotBody(base::ByteView stored) {
  base::ByteReader reader(stored);
  reader.Label(kSlotLabel);
  if (reader.failed()) return SlotBody{std::nullopt, base::ToBytes(stored)};
  SlotBody out;
  out.origin = Read(reader);
  out.body = base::ToBytes(reader.Lp());
  if (!reader.Finish().ok()) return Broken();
  return out;
}

base::Bytes OriginCodec::AadOf(const AttributeRow& row,
                               std::uint8_t suite) const {
  Aad aad;
  aad.kind = AadKind::kOrigin;
  aad.suite = suite;
  aad.operator_name = identity_.operator_name;
  aad.holder = row.owner.id;
  aad.value_version = row.version;
  aad.key_id = row.id;
  aad.custody = Custody::kSealed;
  return aad.Encode();
}

base::Bytes OriginCodec::Wrap(const AttributeRow& row,
                              const SealedOrigin& origin,
                              base::ByteView payload) const {
  base::ByteWriter writer(kOriginLabel);
  Write(origin, writer);
  const base::Bytes sealed = crypto::Seal(
      suite_, key_, crypto::KeyId{},
      AadOf(row, static_cast<std::uint8_t>(suite_)), writer.bytes(), random_);
  base::ByteWriter out;
  return out.U8(kCarriedLayout).Lp(sealed).Lp(payload).Take();
}

absl::StatusOr<OriginCodec::Payload> OriginCodec::Unwrap(
    const AttributeRow& row) const {
  if (row.payload.empty() || row.payload.front() != kCarriedLayout) {
    return Payload{std::nullopt, row.payload};
  }
  base::ByteReader reader(row.payload);
  reader.U8();
  const base::ByteView sealed = reader.Lp();
  Payload out;
  out.bytes = base::ToBytes(reader.Lp());
  if (!reader.Finish().ok()) return Broken();
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened,
                          crypto::Open(key_, crypto::KeyId{},
                                       AadOf(row, SuiteByte(sealed)), sealed));
  base::ByteReader inner(opened);
  inner.Label(kOriginLabel);
  out.origin = Read(inner);
  if (!inner.Finish().ok()) return Broken();
  return out;
}

}  // namespace limpid::vault

#include "vault/log/act.h"

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/receipt/access_entry.h"

namespace limpid::vault {
namespace {

constexpr std::string_view kActLabel = "limpid/vault/act/1";
constexpr std::string_view kHeadLabel = "limpid/vault/head/1";
constexpr std::string_view kDisclosureLabel = "limpid/vault/disclosure/1";
constexpr std::string_view kCommitmentContext = "vault-act";

bool Known(ActKind kind) {
  return kind >= ActKind::kPut && kind <= ActKind::kReseal &&
         kind != ActKind::kLost;
}

}  // namespace

base::Bytes Act::Encode() const {
  base::ByteWriter writer(kActLabel);
  writer.U8(static_cast<std::uint8_t>(kind))
      .U64(counter)
      .Raw(previous_head)
      .Raw(map_root)
      .Raw(source.bytes())
      .Raw(holder.bytes())
      .Lp(attribute)
      .U32(schema_version)
      .U64(value_version)
      .Raw(key_id)
      .Raw(body)
      .U64(static_cast<std::uint64_t>(absl::ToUnixMillis(time)));
  return writer.Take();
}

absl::StatusOr<Act> Act::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kActLabel);
  Act act;
  act.kind = static_cast<ActKind>(reader.U8());
  act.counter = reader.U64();
  act.previous_head = reader.Array<32>();
  act.map_root = reader.Array<32>();
  act.source = SourceId(reader.Array<base::kIdBytes>());
  act.holder = HolderId(reader.Array<base::kIdBytes>());
  act.attribute = reader.LpText();
  act.schema_version = reader.U32();
  act.value_version = reader.U64();
  act.key_id = reader.Array<16>();
  act.body = reader.Array<32>();
  act.time = absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  if (!Known(act.kind)) return absl::InvalidArgumentError("unknown act");
  return act;
}

base::Digest32 CommitAct(const base::ByteArray<32>& opening,
                         base::ByteView encoded_act) {
  return receipt::Commit(opening, kCommitmentContext, encoded_act);
}

base::Digest32 NextHead(const base::Digest32& previous_head,
                        const base::Digest32& commitment) {
  base::ByteWriter writer(kHeadLabel);
  return crypto::Sha256(writer.Raw(previous_head).Raw(commitment).bytes());
}

base::Bytes Disclosure::Encode() const {
  base::ByteWriter writer(kDisclosureLabel);
  return writer.Raw(opening).Lp(encoded_act).Take();
}

absl::StatusOr<Disclosure> Disclosure::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kDisclosureLabel);
  Disclosure disclosure;
  disclosure.opening = reader.Array<32>();
  disclosure.encoded_act = base::ToBytes(reader.Lp());
  LIMPID_RETURN_IF_ERROR(reader.Finish());
  return disclosure;
}

}  // namespace limpid::vault

#include "vault/keys/tombstone.h"

#include "absl/status/status.h"
#include "common/base/wire.h"

namespace limpid::vault {

base::Bytes EncodeTombstone(const Tombstone& tombstone) {
  base::ByteWriter out;
  out.U64(tombstone.sequence)
      .U8(static_cast<std::uint8_t>(tombstone.kind))
      .Raw(tombstone.owner.id.bytes())
      .Raw(tombstone.row)
      .U64(static_cast<std::uint64_t>(tombstone.time_ms));
  return out.Take();
}

absl::StatusOr<Tombstone> DecodeTombstone(base::ByteView body,
                                          const Blinder& blinder) {
  base::ByteReader reader(body);
  Tombstone out;
  out.sequence = reader.U64();
  out.kind = static_cast<TombstoneKind>(reader.U8());
  const HolderId holder(reader.Array<base::kIdBytes>());
  out.row = reader.Array<16>();
  out.time_ms = static_cast<std::int64_t>(reader.U64());
  const bool known =
      out.kind == TombstoneKind::kVersion || out.kind == TombstoneKind::kPerson;
  if (!reader.Finish().ok() || !known) {
    return absl::DataLossError("not a tombstone");
  }
  out.owner = blinder.OwnerOf(holder);
  return out;
}

}  // namespace limpid::vault

#include "vault/keys/aad.h"

#include <cstdint>

#include "common/base/wire.h"

namespace limpid::vault {

base::Bytes Aad::Encode() const {
  base::ByteWriter writer("limpid/vault/aad/1");
  writer.U8(static_cast<std::uint8_t>(kind))
      .U8(suite)
      .Lp(operator_name)
      .Raw(holder.bytes())
      .Lp(attribute)
      .U32(schema_version)
      .U64(value_version)
      .Raw(key_id)
      .U32(generation)
      .U32(epoch)
      .U8(static_cast<std::uint8_t>(custody))
      .U8(slot_kind)
      .U32(chunk)
      .U8(last ? 1 : 0);
  return writer.Take();
}

}  // namespace limpid::vault

#include "vault/store/attribute_rows.h"

#include <cstdint>

#include "common/base/bytes.h"

namespace limpid::vault {

using storage::Row;

AttributeRow ToOutline(const Owner& owner, const Row& row) {
  AttributeRow out;
  out.owner = owner;
  out.id = row.Array<16>(0);
  out.name_key = row.Array<16>(1);
  out.version = static_cast<std::uint64_t>(row.Int(2));
  out.schema_version = static_cast<std::uint32_t>(row.Int(3));
  out.request_key = row.Array<16>(4);
  out.custody = static_cast<Custody>(row.Int(5));
  out.generation = static_cast<std::uint32_t>(row.Int(6));
  out.state = static_cast<RowState>(row.Int(7));
  out.put_ms = row.Int(8);
  out.erase_ms = row.Int(9);
  out.label = base::ToBytes(row.Blob(10));
  return out;
}

AttributeRow ToLight(const Owner& owner, const Row& row) {
  AttributeRow out = ToOutline(owner, row);
  out.wrap = base::ToBytes(row.Blob(11));
  return out;
}

AttributeRow ToAttribute(const Owner& owner, const Row& row) {
  AttributeRow out = ToLight(owner, row);
  out.payload = base::ToBytes(row.Blob(12));
  return out;
}

}  // namespace limpid::vault

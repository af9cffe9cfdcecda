#include "consent/store/sql_rows.h"

#include <cstdint>

#include "common/base/bytes.h"

namespace limpid::consent {
namespace {

RowId ReadId(const storage::Row& row, int column) {
  if (!row.IsNull(column) && row.Blob(column).empty()) return {};
  return row.Array<16>(column);
}

}  // namespace

RowKey ReadRowKey(const storage::Row& row) {
  RowKey out;
  out.shard = static_cast<std::uint16_t>(row.Int(0));
  out.person = PersonId(row.Array<16>(1));
  out.kind = static_cast<RowKind>(row.Int(2));
  out.id = ReadId(row, 3);
  out.sequence = Unsigned(row, 4);
  return out;
}

PersonalRow ReadPersonalRow(const storage::Row& row) {
  PersonalRow out;
  out.key = ReadRowKey(row);
  if (!row.IsNull(5)) out.lookup = row.Array<16>(5);
  out.state = static_cast<std::uint8_t>(row.Int(6));
  out.created_ms = row.Int(7);
  out.due_ms = row.Int(8);
  out.payload = base::ToBytes(row.Blob(9));
  return out;
}

}  // namespace limpid::consent

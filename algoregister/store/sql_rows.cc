#include "algoregister/store/sql_rows.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/store/field_codec.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {

using storage::Row;
using storage::Session;
using storage::Value;

absl::StatusOr<RegistrationId> ReadId(const Row& row, int kind_column,
                                      int id_column) {
  const std::int64_t kind = row.Int(kind_column);
  if (kind < Number64(receipt::kRegistrationKinds.front()) ||
      kind > Number64(receipt::kRegistrationKinds.back())) {
    return absl::DataLossError("a stored registration has no kind");
  }
  return RegistrationId{.kind = static_cast<RegistrationKind>(kind),
                        .bytes = row.Array<base::kIdBytes>(id_column)};
}

absl::StatusOr<Version> ReadVersion(const Row& row) {
  Version out;
  LIMPID_ASSIGN_OR_RETURN(out.registration, ReadId(row, 2, 0));
  out.number = static_cast<std::uint32_t>(row.Int(1));
  out.state = static_cast<RegistrationState>(row.Int(3));
  out.author_role = static_cast<AuthorRole>(row.Int(4));
  out.draft_time = absl::FromUnixMillis(row.Int(5));
  out.publisher = PublisherId(row.Array<base::kIdBytes>(6));
  out.leaf = base::ToBytes(row.Blob(7));
  out.leaf_hash = row.Array<32>(8);
  LIMPID_ASSIGN_OR_RETURN(out.fields, DecodeFields(row.Text(9)));
  if (!row.IsNull(10)) {
    out.leaf_index = static_cast<std::uint64_t>(row.Int(10));
  }
  out.logged_time = absl::FromUnixMillis(row.Int(11));
  return out;
}

absl::StatusOr<Head> ReadHead(const Row& row) {
  Head out;
  LIMPID_ASSIGN_OR_RETURN(out.registration, ReadId(row, 2, 0));
  out.number = static_cast<std::uint32_t>(row.Int(1));
  out.state = static_cast<RegistrationState>(row.Int(3));
  out.draft_time = absl::FromUnixMillis(row.Int(4));
  out.title = std::string(row.Text(5));
  if (!row.IsNull(6)) {
    out.organisation = RegistrationId{.kind = RegistrationKind::kOrganisation,
                                      .bytes = row.Array<base::kIdBytes>(6)};
  }
  return out;
}

absl::Status ReadNumber(Session& session, std::string_view sql,
                        std::span<const Value> values, std::int64_t& out) {
  return session.Query(sql, values, [&out](const Row& row) {
    out = row.Int(0);
    return absl::OkStatus();
  });
}

}  // namespace limpid::algoregister

#include "vault/store/sql_recovery.h"

#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

using base::ByteView;

constexpr std::string_view kList =
    "SELECT slot_id, number, state, start_time, open_time, close_time, "
    "end_time, handed_out, cancels FROM recovery "
    "WHERE shard = $1 AND owner = $2 ORDER BY slot_id";
constexpr std::string_view kPut =
    "INSERT INTO recovery (shard, owner, slot_id, number, state, start_time, "
    "open_time, close_time, end_time, handed_out, cancels) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
    "ON CONFLICT (shard, owner, slot_id) DO UPDATE SET "
    "number = excluded.number, state = excluded.state, "
    "start_time = excluded.start_time, open_time = excluded.open_time, "
    "close_time = excluded.close_time, end_time = excluded.end_time, "
    "handed_out = excluded.handed_out, cancels = excluded.cancels";

}  // namespace

storage::Migration RecoveryMigration() {
  return {{
      "CREATE TABLE recovery ("
      "shard BIGINT NOT NULL, owner BYTEA NOT NULL, slot_id BYTEA NOT NULL, "
      "number BIGINT NOT NULL, state BIGINT NOT NULL, "
      "start_time BIGINT NOT NULL, open_time BIGINT NOT NULL, "
      "close_time BIGINT NOT NULL, end_time BIGINT NOT NULL, "
      "cancels BIGINT NOT NULL, PRIMARY KEY (shard, owner, slot_id))",
  }};
}

storage::Migration HandedOutMigration() {
  return {{
      "ALTER TABLE recovery ADD COLUMN handed_out BIGINT NOT NULL DEFAULT 0",
      // Of one that was handed out and followed by another, nothing is known.
      "UPDATE recovery SET handed_out = end_time WHERE state = 2",
  }};
}

absl::StatusOr<std::vector<RecoveryRow>> ReadRecoveries(
    storage::Session& session, const Owner& owner) {
  std::vector<RecoveryRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kList, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
      [&](const storage::Row& row) {
        RecoveryRow& one = out.emplace_back();
        one.owner = owner;
        one.slot_id = row.Array<16>(0);
        one.number = static_cast<std::uint64_t>(row.Int(1));
        one.state = static_cast<RecoveryState>(row.Int(2));
        one.start_ms = row.Int(3);
        one.open_ms = row.Int(4);
        one.close_ms = row.Int(5);
        one.end_ms = row.Int(6);
        one.handed_out_ms = row.Int(7);
        one.cancels = static_cast<std::uint32_t>(row.Int(8));
        return absl::OkStatus();
      }));
  return out;
}

absl::Status WriteRecovery(storage::Session& session, const RecoveryRow& row) {
  return session
      .Execute(kPut,
               {std::int64_t{row.owner.shard}, ByteView(row.owner.id.bytes()),
                ByteView(row.slot_id), static_cast<std::int64_t>(row.number),
                static_cast<std::int64_t>(row.state), row.start_ms, row.open_ms,
                row.close_ms, row.end_ms, row.handed_out_ms,
                std::int64_t{row.cancels}})
      .status();
}

}  // namespace limpid::vault

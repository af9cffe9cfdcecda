#include "vault/store/sql_slots.h"

#include <string_view>

#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

#define LIMPID_SLOT_COLUMNS                                                \
  "shard, owner, custody, generation, slot_kind, slot_id, key_id, epoch, " \
  "created, outer_wrap"

constexpr std::string_view kInsert =
    "INSERT INTO key_slot (" LIMPID_SLOT_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
// Generation 0 asks for the newest.
constexpr std::string_view kFind =
    "SELECT " LIMPID_SLOT_COLUMNS
    " FROM key_slot WHERE shard = $1 AND owner = $2 AND custody = $3 AND "
    "slot_kind = $4 "
    "AND ($5 = 0 OR generation = $5) ORDER BY generation DESC LIMIT 1";
constexpr std::string_view kList =
    "SELECT " LIMPID_SLOT_COLUMNS
    " FROM key_slot WHERE shard = $1 AND owner = $2 AND custody = $3 "
    "ORDER BY generation, slot_kind, slot_id";
constexpr std::string_view kDelete =
    "DELETE FROM key_slot WHERE shard = $1 AND owner = $2 AND custody = $3 "
    "AND slot_kind = $4 AND generation = $5 AND slot_id = $6";
constexpr std::string_view kDeleteBelow =
    "DELETE FROM key_slot WHERE shard = $1 AND owner = $2 AND custody = $3 "
    "AND generation < $4";
constexpr std::string_view kDeleteAll =
    "DELETE FROM key_slot WHERE shard = $1 AND owner = $2";

constexpr std::string_view kInsertCopyKey =
    "INSERT INTO copy_key (shard, owner, record_key, key_id, epoch, created, "
    "outer_wrap) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr std::string_view kFindCopyKey =
    "SELECT key_id, epoch, created, outer_wrap FROM copy_key "
    "WHERE shard = $1 AND owner = $2 AND record_key = $3";
constexpr std::string_view kDestroyCopyKey =
    "DELETE FROM copy_key WHERE shard = $1 AND owner = $2 AND record_key = $3";
constexpr std::string_view kCopyKeyRecords =
    "SELECT record_key FROM copy_key WHERE shard = $1 AND owner = $2 "
    "ORDER BY record_key";
constexpr std::string_view kDestroyCopyKeys =
    "DELETE FROM copy_key WHERE shard = $1 AND owner = $2";

constexpr std::string_view kReplaceSlot =
    "UPDATE key_slot SET epoch = $1, outer_wrap = $2 WHERE shard = $3 AND "
    "owner = $4 AND custody = $5 AND slot_kind = $6 AND generation = $7 AND "
    "slot_id = $8 AND key_id = $9 AND epoch = $10 AND outer_wrap = $11";
constexpr std::string_view kReplaceCopyKey =
    "UPDATE copy_key SET epoch = $1, outer_wrap = $2 WHERE shard = $3 AND "
    "owner = $4 AND record_key = $5 AND key_id = $6 AND epoch = $7 AND "
    "outer_wrap = $8";
constexpr std::string_view kSlotsBelow =
    "SELECT " LIMPID_SLOT_COLUMNS
    " FROM key_slot WHERE shard = $1 AND epoch < $2 "
    "ORDER BY owner, custody, slot_kind, "
    "generation, slot_id LIMIT $3 OFFSET $4";
constexpr std::string_view kCopyKeysBelow =
    "SELECT shard, owner, record_key, key_id, epoch, created, outer_wrap "
    "FROM copy_key WHERE shard = $1 AND epoch < $2 "
    "ORDER BY owner, record_key LIMIT $3 OFFSET $4";
// A plain UNION would have SQLite read both tables whole in the order of their
// shards, every pass; this one reads what is below, of which there is mostly
// nothing.
constexpr std::string_view kShardsBelow =
    "SELECT DISTINCT shard FROM ("
    "SELECT shard FROM key_slot WHERE epoch < $1 UNION ALL "
    "SELECT shard FROM copy_key WHERE epoch < $1) AS below ORDER BY shard";
// Slots, then keys of copies.
constexpr std::string_view kUses =
    "SELECT epoch, 0 AS kind, COUNT(*) FROM key_slot GROUP BY epoch UNION ALL "
    "SELECT epoch, 1 AS kind, COUNT(*) FROM copy_key GROUP BY epoch "
    "ORDER BY epoch, kind";
constexpr std::string_view kDeleteCopyKeysOf =
    "DELETE FROM copy_key WHERE epoch = $1";

SlotRow ToSlot(const Row& row) {
  SlotRow out;
  out.owner.shard = static_cast<std::uint16_t>(row.Int(0));
  out.owner.id = HolderId(row.Array<base::kIdBytes>(1));
  out.custody = static_cast<Custody>(row.Int(2));
  out.generation = static_cast<std::uint32_t>(row.Int(3));
  out.slot_kind = static_cast<SlotKind>(row.Int(4));
  out.slot_id = row.Array<16>(5);
  out.key_id = row.Array<16>(6);
  out.epoch = static_cast<std::uint32_t>(row.Int(7));
  out.created_ms = row.Int(8);
  out.outer = base::ToBytes(row.Blob(9));
  return out;
}

}  // namespace

absl::Status InsertSlot(Session& session, const SlotRow& row) {
  return session
      .Execute(
          kInsert,
          {std::int64_t{row.owner.shard}, ByteView(row.owner.id.bytes()),
           static_cast<std::int64_t>(row.custody), std::int64_t{row.generation},
           static_cast<std::int64_t>(row.slot_kind), ByteView(row.slot_id),
           ByteView(row.key_id), std::int64_t{row.epoch}, row.created_ms,
           ByteView(row.outer)})
      .status();
}

absl::StatusOr<std::optional<SlotRow>> ServerSlotOf(Session& session,
                                                    const Owner& owner,
                                                    std::uint32_t generation) {
  std::optional<SlotRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kFind,
      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
       static_cast<std::int64_t>(Custody::kAssisted),
       static_cast<std::int64_t>(SlotKind::kServer), std::int64_t{generation}},
      [&](const Row& row) {
        out = ToSlot(row);
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<SlotRow>> SlotsOf(Session& session,
                                             const Owner& owner,
                                             Custody custody) {
  std::vector<SlotRow> out;
  LIMPID_RETURN_IF_ERROR(
      session.Query(kList,
                    {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                     static_cast<std::int64_t>(custody)},
                    [&](const Row& row) {
                      out.push_back(ToSlot(row));
                      return absl::OkStatus();
                    }));
  return out;
}

absl::StatusOr<std::int64_t> DeleteSlot(Session& session, const SlotKey& key) {
  return session.Execute(
      kDelete, {std::int64_t{key.owner.shard}, ByteView(key.owner.id.bytes()),
                static_cast<std::int64_t>(key.custody),
                static_cast<std::int64_t>(key.slot_kind),
                std::int64_t{key.generation}, ByteView(key.slot_id)});
}

absl::StatusOr<std::int64_t> DeleteSlotsOf(Session& session, const Owner& owner,
                                           Custody custody,
                                           std::uint32_t below) {
  return session.Execute(
      kDeleteBelow, {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                     static_cast<std::int64_t>(custody), std::int64_t{below}});
}

absl::Status DeleteKeysOf(Session& session, const Owner& owner) {
  for (const std::string_view sql : {kDeleteAll, kDestroyCopyKeys}) {
    LIMPID_RETURN_IF_ERROR(session
                               .Execute(sql, {std::int64_t{owner.shard},
                                              ByteView(owner.id.bytes())})
                               .status());
  }
  return absl::OkStatus();
}

absl::Status InsertCopyKeyRow(Session& session, const CopyKeyRow& row) {
  return session
      .Execute(kInsertCopyKey,
               {std::int64_t{row.owner.shard}, ByteView(row.owner.id.bytes()),
                ByteView(row.record_key), ByteView(row.key_id),
                std::int64_t{row.epoch}, row.created_ms, ByteView(row.outer)})
      .status();
}

absl::StatusOr<std::optional<CopyKeyRow>> CopyKeyOf(Session& session,
                                                    const Owner& owner,
                                                    const RecordKey& record) {
  std::optional<CopyKeyRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kFindCopyKey,
      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()), ByteView(record)},
      [&](const Row& row) {
        out = CopyKeyRow{owner,
                         record,
                         row.Array<16>(0),
                         static_cast<std::uint32_t>(row.Int(1)),
                         row.Int(2),
                         base::ToBytes(row.Blob(3))};
        return absl::OkStatus();
      }));
  return out;
}

absl::Status DeleteCopyKey(Session& session, const Owner& owner,
                           const RecordKey& record) {
  return session
      .Execute(kDestroyCopyKey, {std::int64_t{owner.shard},
                                 ByteView(owner.id.bytes()), ByteView(record)})
      .status();
}

absl::StatusOr<std::vector<RecordKey>> CopyKeyRecordsOf(Session& session,
                                                        const Owner& owner) {
  std::vector<RecordKey> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kCopyKeyRecords, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
      [&](const Row& row) {
        out.push_back(row.Array<16>(0));
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<bool> ReplaceSlot(Session& session,
                                 const KeyStore::SlotChange& change) {
  const auto& [from, to] = change;
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session.Execute(
          kReplaceSlot,
          {std::int64_t{to.epoch}, ByteView(to.outer),
           std::int64_t{from.owner.shard}, ByteView(from.owner.id.bytes()),
           static_cast<std::int64_t>(from.custody),
           static_cast<std::int64_t>(from.slot_kind),
           std::int64_t{from.generation}, ByteView(from.slot_id),
           ByteView(from.key_id), std::int64_t{from.epoch},
           ByteView(from.outer)}));
  return changed == 1;
}

absl::StatusOr<bool> ReplaceCopyKey(Session& session,
                                    const KeyStore::CopyKeyChange& change) {
  const auto& [from, to] = change;
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session.Execute(
          kReplaceCopyKey,
          {std::int64_t{to.epoch}, ByteView(to.outer),
           std::int64_t{from.owner.shard}, ByteView(from.owner.id.bytes()),
           ByteView(from.record_key), ByteView(from.key_id),
           std::int64_t{from.epoch}, ByteView(from.outer)}));
  return changed == 1;
}

absl::StatusOr<std::vector<SlotRow>> SlotsBelow(Session& session,
                                                std::uint16_t shard,
                                                std::uint32_t epoch,
                                                std::size_t skip,
                                                std::size_t limit) {
  std::vector<SlotRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kSlotsBelow,
      {std::int64_t{shard}, std::int64_t{epoch},
       static_cast<std::int64_t>(limit), static_cast<std::int64_t>(skip)},
      [&](const Row& row) {
        out.push_back(ToSlot(row));
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<CopyKeyRow>> CopyKeysBelow(Session& session,
                                                      std::uint16_t shard,
                                                      std::uint32_t epoch,
                                                      std::size_t skip,
                                                      std::size_t limit) {
  std::vector<CopyKeyRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kCopyKeysBelow,
      {std::int64_t{shard}, std::int64_t{epoch},
       static_cast<std::int64_t>(limit), static_cast<std::int64_t>(skip)},
      [&](const Row& row) {
        out.push_back({{static_cast<std::uint16_t>(row.Int(0)),
                        HolderId(row.Array<base::kIdBytes>(1))},
                       row.Array<16>(2),
                       row.Array<16>(3),
                       static_cast<std::uint32_t>(row.Int(4)),
                       row.Int(5),
                       base::ToBytes(row.Blob(6))});
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<std::uint16_t>> ShardsBelow(Session& session,
                                                       std::uint32_t epoch) {
  std::vector<std::uint16_t> out;
  LIMPID_RETURN_IF_ERROR(
      session.Query(kShardsBelow, {std::int64_t{epoch}}, [&](const Row& row) {
        out.push_back(static_cast<std::uint16_t>(row.Int(0)));
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<EpochUse>> UsesOf(Session& session) {
  std::vector<EpochUse> out;
  LIMPID_RETURN_IF_ERROR(session.Query(kUses, {}, [&](const Row& row) {
    const auto epoch = static_cast<std::uint32_t>(row.Int(0));
    if (out.empty() || out.back().epoch != epoch) out.push_back({epoch});
    (row.Int(1) == 0 ? out.back().slots : out.back().copy_keys) =
        static_cast<std::uint64_t>(row.Int(2));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::int64_t> DeleteCopyKeysOf(Session& session,
                                              std::uint32_t epoch) {
  return session.Execute(kDeleteCopyKeysOf, {std::int64_t{epoch}});
}

}  // namespace limpid::vault

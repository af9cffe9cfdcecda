#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using storage::Row;
using storage::Session;

#define LIMPID_SLOT_COLUMNS                                           \
  "custody, generation, slot_kind, slot_id, key_id, epoch, created, " \
  "outer_wrap"

constexpr char kInsert[] =
    "INSERT INTO key_slot (shard, owner, " LIMPID_SLOT_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
// Generation 0 asks for the newest.
constexpr char kFind[] =
    "SELECT " LIMPID_SLOT_COLUMNS
    " FROM key_slot "
    "WHERE shard = $1 AND owner = $2 AND custody = $3 AND slot_kind = $4 "
    "AND ($5 = 0 OR generation = $5) ORDER BY generation DESC LIMIT 1";
constexpr char kList[] =
    "SELECT " LIMPID_SLOT_COLUMNS
    " FROM key_slot WHERE shard = $1 AND owner = $2 AND custody = $3 "
    "ORDER BY generation, slot_kind, slot_id";
constexpr char kDelete[] =
    "DELETE FROM key_slot WHERE shard = $1 AND owner = $2 AND custody = $3 "
    "AND slot_kind = $4 AND generation = $5 AND slot_id = $6";

constexpr char kInsertCopyKey[] =
    "INSERT INTO copy_key (shard, owner, record_key, key_id, epoch, created, "
    "outer_wrap) VALUES ($1, $2, $3, $4, $5, $6, $7)";
constexpr char kFindCopyKey[] =
    "SELECT key_id, epoch, created, outer_wrap FROM copy_key "
    "WHERE shard = $1 AND owner = $2 AND record_key = $3";
constexpr char kDestroyCopyKey[] =
    "DELETE FROM copy_key WHERE shard = $1 AND owner = $2 AND record_key = $3";

SlotRow FromRow(const Owner& owner, const Row& row) {
  SlotRow out;
  out.owner = owner;
  out.custody = static_cast<Custody>(row.Int(0));
  out.generation = static_cast<std::uint32_t>(row.Int(1));
  out.slot_kind = static_cast<SlotKind>(row.Int(2));
  out.slot_id = row.Array<16>(3);
  out.key_id = row.Array<16>(4);
  out.epoch = static_cast<std::uint32_t>(row.Int(5));
  out.created_ms = row.Int(6);
  out.outer = base::ToBytes(row.Blob(7));
  return out;
}

absl::Status InsertRow(Session& session, const SlotRow& row) {
  return session
      .Execute(
          kInsert,
          {std::int64_t{row.owner.shard}, base::ByteView(row.owner.id.bytes()),
           static_cast<std::int64_t>(row.custody), std::int64_t{row.generation},
           static_cast<std::int64_t>(row.slot_kind),
           base::ByteView(row.slot_id), base::ByteView(row.key_id),
           std::int64_t{row.epoch}, row.created_ms, base::ByteView(row.outer)})
      .status();
}

absl::StatusOr<std::vector<SlotRow>> SlotsOf(Session& session,
                                             const Owner& owner,
                                             Custody custody) {
  std::vector<SlotRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kList,
      {std::int64_t{owner.shard}, base::ByteView(owner.id.bytes()),
       static_cast<std::int64_t>(custody)},
      [&](const Row& row) {
        out.push_back(FromRow(owner, row));
        return absl::OkStatus();
      }));
  return out;
}

class SqlKeyStore final : public KeyStore {
 public:
  explicit SqlKeyStore(storage::Database& database) : database_(database) {}

  absl::Status Insert(const SlotRow& row) override {
    return database_.Write(
        [&](Session& session) { return InsertRow(session, row); });
  }

  absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const override {
    std::optional<SlotRow> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(
          kFind,
          {std::int64_t{owner.shard}, base::ByteView(owner.id.bytes()),
           static_cast<std::int64_t>(Custody::kAssisted),
           static_cast<std::int64_t>(SlotKind::kServer),
           std::int64_t{generation}},
          [&](const Row& row) {
            out = FromRow(owner, row);
            return absl::OkStatus();
          });
    }));
    return out;
  }

  absl::Status InsertBeside(const SlotRow& row,
                            std::size_t max_slots) override {
    return database_.Write([&](Session& session) -> absl::Status {
      LIMPID_ASSIGN_OR_RETURN(const auto others,
                              SlotsOf(session, row.owner, row.custody));
      LIMPID_RETURN_IF_ERROR(CheckBeside(row, others, max_slots));
      return InsertRow(session, row);
    });
  }

  absl::StatusOr<std::vector<SlotRow>> List(const Owner& owner,
                                            Custody custody) const override {
    std::vector<SlotRow> out;
    LIMPID_RETURN_IF_ERROR(
        database_.Read([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(out, SlotsOf(session, owner, custody));
          return absl::OkStatus();
        }));
    return out;
  }

  absl::Status Delete(const SlotKey& key) override {
    return database_.Write([&](Session& session) -> absl::Status {
      LIMPID_ASSIGN_OR_RETURN(const auto slots,
                              SlotsOf(session, key.owner, key.custody));
      LIMPID_ASSIGN_OR_RETURN(
          const std::int64_t deleted,
          session.Execute(kDelete, {std::int64_t{key.owner.shard},
                                    base::ByteView(key.owner.id.bytes()),
                                    static_cast<std::int64_t>(key.custody),
                                    static_cast<std::int64_t>(key.slot_kind),
                                    std::int64_t{key.generation},
                                    base::ByteView(key.slot_id)}));
      if (deleted == 0) return absl::NotFoundError("no such slot");
      // Nothing of this remains: the transaction is undone.
      if (slots.size() == 1) return LastSlot();
      return absl::OkStatus();
    });
  }

  absl::Status InsertCopyKey(const CopyKeyRow& row) override {
    return database_.Write([&](Session& session) {
      return session
          .Execute(kInsertCopyKey,
                   {std::int64_t{row.owner.shard},
                    base::ByteView(row.owner.id.bytes()),
                    base::ByteView(row.record_key), base::ByteView(row.key_id),
                    std::int64_t{row.epoch}, row.created_ms,
                    base::ByteView(row.outer)})
          .status();
    });
  }

  absl::StatusOr<std::optional<CopyKeyRow>> FindCopyKey(
      const Owner& owner, const RecordKey& record) const override {
    std::optional<CopyKeyRow> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(
          kFindCopyKey,
          {std::int64_t{owner.shard}, base::ByteView(owner.id.bytes()),
           base::ByteView(record)},
          [&](const Row& row) {
            out = CopyKeyRow{owner,
                             record,
                             row.Array<16>(0),
                             static_cast<std::uint32_t>(row.Int(1)),
                             row.Int(2),
                             base::ToBytes(row.Blob(3))};
            return absl::OkStatus();
          });
    }));
    return out;
  }

  absl::Status DestroyCopyKey(const Owner& owner,
                              const RecordKey& record) override {
    return database_.Write([&](Session& session) {
      return session
          .Execute(kDestroyCopyKey,
                   {std::int64_t{owner.shard}, base::ByteView(owner.id.bytes()),
                    base::ByteView(record)})
          .status();
    });
  }

 private:
  storage::Database& database_;
};

}  // namespace

std::vector<storage::Migration> KeyStoreMigrations() {
  return {
      storage::Migration{{
          "CREATE TABLE key_slot ("
          "shard BIGINT NOT NULL, owner BYTEA NOT NULL, custody BIGINT NOT "
          "NULL, "
          "generation BIGINT NOT NULL, slot_kind BIGINT NOT NULL, "
          "slot_id BYTEA NOT NULL, key_id BYTEA NOT NULL, epoch BIGINT NOT "
          "NULL, "
          "created BIGINT NOT NULL, outer_wrap BYTEA NOT NULL, "
          "PRIMARY KEY (shard, owner, custody, slot_kind, generation, "
          "slot_id))",
      }},
      storage::Migration{{
          "CREATE TABLE copy_key ("
          "shard BIGINT NOT NULL, owner BYTEA NOT NULL, record_key BYTEA NOT "
          "NULL, "
          "key_id BYTEA NOT NULL, epoch BIGINT NOT NULL, created BIGINT NOT "
          "NULL, "
          "outer_wrap BYTEA NOT NULL, PRIMARY KEY (shard, owner, record_key))",
      }}};
}

std::unique_ptr<KeyStore> NewSqlKeyStore(storage::Database& database) {
  return std::make_unique<SqlKeyStore>(database);
}

}  // namespace limpid::vault

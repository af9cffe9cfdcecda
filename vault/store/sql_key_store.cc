#include <cstdint>
#include <optional>

#include "common/base/status_macros.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using storage::Row;
using storage::Session;

constexpr char kInsert[] =
    "INSERT INTO key_slot (shard, owner, custody, generation, slot_kind, "
    "slot_id, key_id, epoch, created, outer_wrap) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
// Generation 0 asks for the newest.
constexpr char kFind[] =
    "SELECT generation, key_id, epoch, created, outer_wrap FROM key_slot "
    "WHERE shard = $1 AND owner = $2 AND custody = $3 AND slot_kind = $4 "
    "AND ($5 = 0 OR generation = $5) ORDER BY generation DESC LIMIT 1";

SlotRow FromRow(const Owner& owner, const Row& row) {
  SlotRow out;
  out.owner = owner;
  out.generation = static_cast<std::uint32_t>(row.Int(0));
  out.key_id = row.Array<16>(1);
  out.epoch = static_cast<std::uint32_t>(row.Int(2));
  out.created_ms = row.Int(3);
  out.outer = base::ToBytes(row.Blob(4));
  return out;
}

class SqlKeyStore final : public KeyStore {
 public:
  explicit SqlKeyStore(storage::Database& database) : database_(database) {}

  absl::Status Insert(const SlotRow& row) override {
    return database_.Write([&](Session& session) {
      return session
          .Execute(kInsert,
                   {std::int64_t{row.owner.shard},
                    base::ByteView(row.owner.id.bytes()),
                    static_cast<std::int64_t>(row.custody),
                    std::int64_t{row.generation},
                    static_cast<std::int64_t>(row.slot_kind),
                    base::ByteView(row.slot_id), base::ByteView(row.key_id),
                    std::int64_t{row.epoch}, row.created_ms,
                    base::ByteView(row.outer)})
          .status();
    });
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

 private:
  storage::Database& database_;
};

}  // namespace

std::vector<storage::Migration> KeyStoreMigrations() {
  return {storage::Migration{{
      "CREATE TABLE key_slot ("
      "shard BIGINT NOT NULL, owner BYTEA NOT NULL, custody BIGINT NOT NULL, "
      "generation BIGINT NOT NULL, slot_kind BIGINT NOT NULL, "
      "slot_id BYTEA NOT NULL, key_id BYTEA NOT NULL, epoch BIGINT NOT NULL, "
      "created BIGINT NOT NULL, outer_wrap BYTEA NOT NULL, "
      "PRIMARY KEY (shard, owner, custody, slot_kind, generation, slot_id))",
  }}};
}

std::unique_ptr<KeyStore> NewSqlKeyStore(storage::Database& database) {
  return std::make_unique<SqlKeyStore>(database);
}

}  // namespace limpid::vault

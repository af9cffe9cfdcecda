#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "vault/custody/copy_store.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

// Of the owner, without the row that would be replaced.
constexpr std::string_view kCountOthers =
    "SELECT COUNT(*) FROM grant_copy WHERE shard = $1 AND owner = $2 "
    "AND NOT (record_key = $3 AND name_key = $4)";
constexpr std::string_view kUsage =
    "SELECT COUNT(*), COALESCE(SUM(LENGTH(outer_copy)), 0) FROM grant_copy "
    "WHERE shard = $1 AND owner = $2";
constexpr std::string_view kPut =
    "INSERT INTO grant_copy (shard, owner, record_key, name_key, copy_id, "
    "version, not_after, outer_copy) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) "
    "ON CONFLICT (shard, owner, record_key, name_key) DO UPDATE SET "
    "copy_id = excluded.copy_id, version = excluded.version, "
    "not_after = excluded.not_after, outer_copy = excluded.outer_copy";
constexpr std::string_view kFind =
    "SELECT copy_id, version, not_after, outer_copy FROM grant_copy "
    "WHERE shard = $1 AND owner = $2 AND record_key = $3 AND name_key = $4";
constexpr std::string_view kRecords =
    "SELECT DISTINCT record_key FROM grant_copy WHERE shard = $1 "
    "AND owner = $2 ORDER BY record_key";
constexpr std::string_view kDelete =
    "DELETE FROM grant_copy WHERE shard = $1 AND owner = $2 "
    "AND record_key = $3 AND name_key = $4 AND copy_id = $5";
constexpr std::string_view kOwnersOver =
    "SELECT DISTINCT shard, owner FROM grant_copy WHERE not_after <= $1 "
    "ORDER BY shard, owner";
constexpr std::string_view kDeleteOver =
    "DELETE FROM grant_copy WHERE not_after <= $1";
constexpr std::string_view kDeleteRecord =
    "DELETE FROM grant_copy WHERE shard = $1 AND owner = $2 "
    "AND record_key = $3";
constexpr std::string_view kDeleteVersion =
    "DELETE FROM grant_copy WHERE shard = $1 AND owner = $2 AND name_key = $3 "
    "AND version = $4";
constexpr std::string_view kDeleteOwner =
    "DELETE FROM grant_copy WHERE shard = $1 AND owner = $2";

class SqlCopyStore final : public CopyStore {
 public:
  explicit SqlCopyStore(storage::Database& database) : database_(database) {}

  absl::Status Put(const CopyRow& row, std::size_t max_copies) override {
    return database_.Write([&](Session& session) -> absl::Status {
      std::int64_t others = 0;
      LIMPID_RETURN_IF_ERROR(session.Query(
          kCountOthers,
          {std::int64_t{row.owner.shard}, ByteView(row.owner.id.bytes()),
           ByteView(row.record_key), ByteView(row.name_key)},
          [&](const Row& found) {
            others = found.Int(0);
            return absl::OkStatus();
          }));
      if (others >= static_cast<std::int64_t>(max_copies)) {
        return absl::ResourceExhaustedError("the owner has the most copies");
      }
      return session
          .Execute(
              kPut,
              {std::int64_t{row.owner.shard}, ByteView(row.owner.id.bytes()),
               ByteView(row.record_key), ByteView(row.name_key),
               ByteView(row.copy_id), static_cast<std::int64_t>(row.version),
               row.not_after_ms, ByteView(row.outer)})
          .status();
    });
  }

  absl::StatusOr<std::optional<CopyRow>> Find(
      const Owner& owner, const RecordKey& record,
      const NameKey& name) const override {
    std::optional<CopyRow> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(
          kFind,
          {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
           ByteView(record), ByteView(name)},
          [&](const Row& row) {
            out = CopyRow{owner,
                          record,
                          name,
                          row.Array<16>(0),
                          static_cast<std::uint64_t>(row.Int(1)),
                          row.Int(2),
                          base::ToBytes(row.Blob(3))};
            return absl::OkStatus();
          });
    }));
    return out;
  }

  absl::StatusOr<std::vector<RecordKey>> Records(
      const Owner& owner) const override {
    std::vector<RecordKey> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      out.clear();
      return session.Query(
          kRecords, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
          [&](const Row& row) {
            out.push_back(row.Array<16>(0));
            return absl::OkStatus();
          });
    }));
    return out;
  }

  absl::StatusOr<CopyUsage> UsageOf(const Owner& owner) const override {
    CopyUsage out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(
          kUsage, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
          [&](const Row& row) {
            out.copies = static_cast<std::uint64_t>(row.Int(0));
            out.bytes = static_cast<std::uint64_t>(row.Int(1));
            return absl::OkStatus();
          });
    }));
    return out;
  }

  absl::Status Delete(const CopyRow& row) override {
    return Delete(kDelete,
                  {std::int64_t{row.owner.shard},
                   ByteView(row.owner.id.bytes()), ByteView(row.record_key),
                   ByteView(row.name_key), ByteView(row.copy_id)})
        .status();
  }

  absl::StatusOr<std::vector<Owner>> DeleteOver(std::int64_t now_ms) override {
    std::vector<Owner> out;
    const auto look = [&](Session& session) {
      out.clear();
      return session.Query(kOwnersOver, {now_ms}, [&](const Row& row) {
        out.push_back({static_cast<std::uint16_t>(row.Int(0)),
                       HolderId(row.Array<base::kIdBytes>(1))});
        return absl::OkStatus();
      });
    };
    // Mostly there is none, and no write has to wait for that.
    LIMPID_RETURN_IF_ERROR(database_.Read(look));
    if (out.empty()) return out;
    const absl::Status deleted =
        database_.Write([&](Session& session) -> absl::Status {
          LIMPID_RETURN_IF_ERROR(look(session));
          return session.Execute(kDeleteOver, {now_ms}).status();
        });
    if (!deleted.ok()) return deleted;
    return out;
  }

  absl::StatusOr<std::int64_t> DeleteRecord(const Owner& owner,
                                            const RecordKey& record) override {
    return Delete(kDeleteRecord,
                  {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                   ByteView(record)});
  }

  absl::StatusOr<std::int64_t> DeleteVersion(const Owner& owner,
                                             const NameKey& name,
                                             std::uint64_t version) override {
    return Delete(kDeleteVersion,
                  {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                   ByteView(name), static_cast<std::int64_t>(version)});
  }

  absl::StatusOr<std::int64_t> DeleteOwner(const Owner& owner) override {
    return Delete(kDeleteOwner,
                  {std::int64_t{owner.shard}, ByteView(owner.id.bytes())});
  }

 private:
  absl::StatusOr<std::int64_t> Delete(
      std::string_view sql, std::initializer_list<storage::Value> values) {
    std::int64_t deleted = 0;
    LIMPID_RETURN_IF_ERROR(
        database_.Write([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(deleted, session.Execute(sql, values));
          return absl::OkStatus();
        }));
    return deleted;
  }

  storage::Database& database_;
};

}  // namespace

std::unique_ptr<CopyStore> NewSqlCopyStore(storage::Database& database) {
  return std::make_unique<SqlCopyStore>(database);
}

}  // namespace limpid::vault

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/store/trail_stores.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

constexpr std::string_view kInsert =
    "INSERT INTO release_batch (number, last_time, payload) "
    "VALUES ($1, $2, $3)";
constexpr std::string_view kNewest =
    "SELECT number, last_time, payload FROM release_batch "
    "ORDER BY number DESC LIMIT 1";
constexpr std::string_view kFrom =
    "SELECT number, last_time, payload FROM release_batch "
    "WHERE number >= $1 ORDER BY number LIMIT $2";
constexpr std::string_view kFirstSince =
    "SELECT COALESCE(MIN(number), 0) FROM release_batch WHERE last_time >= $1";

TrailRow ToRow(const Row& row) {
  return {static_cast<std::uint64_t>(row.Int(0)), row.Int(1),
          base::ToBytes(row.Blob(2))};
}

class SqlTrailStore final : public TrailStore {
 public:
  explicit SqlTrailStore(storage::Database& database) : database_(database) {}

  absl::Status Insert(const TrailRow& row) override {
    return database_.Write([&](Session& session) {
      return session
          .Execute(kInsert, {static_cast<std::int64_t>(row.number), row.last_ms,
                             ByteView(row.sealed)})
          .status();
    });
  }
  absl::StatusOr<std::optional<TrailRow>> Newest() const override {
    std::optional<TrailRow> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      out.reset();
      return session.Query(kNewest, {}, [&](const Row& row) {
        out = ToRow(row);
        return absl::OkStatus();
      });
    }));
    return out;
  }
  absl::StatusOr<std::vector<TrailRow>> From(std::uint64_t first,
                                             std::size_t limit) const override {
    std::vector<TrailRow> out;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      out.clear();
      return session.Query(
          kFrom,
          {static_cast<std::int64_t>(first), static_cast<std::int64_t>(limit)},
          [&](const Row& row) {
            out.push_back(ToRow(row));
            return absl::OkStatus();
          });
    }));
    return out;
  }
  absl::StatusOr<std::uint64_t> FirstSince(
      std::int64_t time_ms) const override {
    std::uint64_t out = 0;
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      return session.Query(kFirstSince, {time_ms}, [&](const Row& row) {
        out = static_cast<std::uint64_t>(row.Int(0));
        return absl::OkStatus();
      });
    }));
    return out;
  }

 private:
  storage::Database& database_;
};

}  // namespace

storage::Migration TrailMigration() {
  return {{
      "CREATE TABLE release_batch ("
      "number BIGINT NOT NULL PRIMARY KEY, last_time BIGINT NOT NULL, "
      "payload BYTEA NOT NULL)",
      "CREATE INDEX release_batch_time ON release_batch (last_time)",
  }};
}

std::unique_ptr<TrailStore> NewSqlTrailStore(storage::Database& database) {
  return std::make_unique<SqlTrailStore>(database);
}

}  // namespace limpid::vault

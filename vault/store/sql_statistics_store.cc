#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/statistics/statistics_store.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

constexpr std::string_view kFindBudget =
    "SELECT payload FROM budget WHERE shard = $1 AND owner = $2 "
    "AND name_key = $3";
constexpr std::string_view kAnyVersion =
    "SELECT 1 FROM attribute WHERE shard = $1 AND owner = $2 "
    "AND name_key = $3 LIMIT 1";
constexpr std::string_view kPutBudget =
    "INSERT INTO budget (shard, owner, name_key, payload) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (shard, owner, name_key) "
    "DO UPDATE SET payload = excluded.payload";
constexpr std::string_view kFindAnswer =
    "SELECT payload FROM statistic WHERE question = $1";
constexpr std::string_view kInsertAnswer =
    "INSERT INTO statistic (question, epoch, payload) VALUES ($1, $2, $3)";

class SqlStatisticsStore final : public StatisticsStore {
 public:
  explicit SqlStatisticsStore(storage::Database& database)
      : database_(database) {}

  absl::StatusOr<std::vector<std::optional<base::Bytes>>> Budgets(
      std::span<const BudgetKey> keys) const override {
    std::vector<std::optional<base::Bytes>> out;
    out.reserve(keys.size());
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      out.clear();
      for (const BudgetKey& key : keys) {
        LIMPID_ASSIGN_OR_RETURN(
            out.emplace_back(),
            One(session, kFindBudget,
                {std::int64_t{key.owner.shard}, ByteView(key.owner.id.bytes()),
                 ByteView(key.name_key)}));
      }
      return absl::OkStatus();
    }));
    return out;
  }

  absl::Status PutBudgets(std::span<const BudgetRow> rows) override {
    return database_.Write([&](Session& session) -> absl::Status {
      for (const BudgetRow& row : rows) {
        LIMPID_ASSIGN_OR_RETURN(const bool there, IsThere(session, row.key));
        if (!there) continue;
        LIMPID_RETURN_IF_ERROR(
            session
                .Execute(kPutBudget,
                         {std::int64_t{row.key.owner.shard},
                          ByteView(row.key.owner.id.bytes()),
                          ByteView(row.key.name_key), ByteView(row.sealed)})
                .status());
      }
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::optional<base::Bytes>> FindAnswer(
      const base::Digest32& question) const override {
    std::optional<base::Bytes> out;
    LIMPID_RETURN_IF_ERROR(
        database_.Read([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(
              out, One(session, kFindAnswer, {ByteView(question)}));
          return absl::OkStatus();
        }));
    return out;
  }

  absl::Status InsertAnswer(const base::Digest32& question, std::uint64_t epoch,
                            const base::Bytes& sealed) override {
    return database_.Write([&](Session& session) {
      return session
          .Execute(kInsertAnswer,
                   {ByteView(question), static_cast<std::int64_t>(epoch),
                    ByteView(sealed)})
          .status();
    });
  }

 private:
  static absl::StatusOr<bool> IsThere(Session& session, const BudgetKey& key) {
    bool out = false;
    LIMPID_RETURN_IF_ERROR(
        session.Query(kAnyVersion,
                      {std::int64_t{key.owner.shard},
                       ByteView(key.owner.id.bytes()), ByteView(key.name_key)},
                      [&](const Row&) {
                        out = true;
                        return absl::OkStatus();
                      }));
    return out;
  }
  static absl::StatusOr<std::optional<base::Bytes>> One(
      Session& session, std::string_view sql,
      std::initializer_list<storage::Value> values) {
    std::optional<base::Bytes> out;
    LIMPID_RETURN_IF_ERROR(session.Query(sql, values, [&](const Row& row) {
      out = base::ToBytes(row.Blob(0));
      return absl::OkStatus();
    }));
    return out;
  }

  storage::Database& database_;
};

}  // namespace

std::unique_ptr<StatisticsStore> NewSqlStatisticsStore(
    storage::Database& database) {
  return std::make_unique<SqlStatisticsStore>(database);
}

}  // namespace limpid::vault

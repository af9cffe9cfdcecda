#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/store/attribute_rows.h"
#include "vault/store/sql_acts.h"
#include "vault/store/sql_erasure.h"
#include "vault/store/sql_recovery.h"
#include "vault/store/sql_source_links.h"
#include "vault/store/sql_store.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

// The only kind of attribute row; docs/formats/attribute-record.md.
constexpr std::int64_t kKindVersion = 1;

constexpr std::string_view kNewest =
    "SELECT " LIMPID_ATTRIBUTE_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND name_key = $3 "
    "AND state = 1 ORDER BY version DESC LIMIT 1";
constexpr std::string_view kFind =
    "SELECT " LIMPID_ATTRIBUTE_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND name_key = $3 "
    "AND version = $4";
constexpr std::string_view kHighest =
    "SELECT COALESCE(MAX(version), 0) FROM attribute "
    "WHERE shard = $1 AND owner = $2 AND name_key = $3";
constexpr std::string_view kByRequest =
    "SELECT " LIMPID_ATTRIBUTE_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND request_key = $3";
// Of the label and what stands before it alone, as the next two: no page of a
// value is read. Grouped once, however many versions a name has.
constexpr std::string_view kListNewest =
    "SELECT " LIMPID_OUTLINE_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND (name_key, version) "
    "IN (SELECT name_key, MAX(version) FROM attribute WHERE shard = $1 "
    "AND owner = $2 AND state = 1 GROUP BY name_key) ORDER BY name_key";
constexpr std::string_view kHistory =
    "SELECT " LIMPID_OUTLINE_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND name_key = $3 "
    "AND version < $4 ORDER BY version DESC LIMIT $5";
constexpr std::string_view kOutlines =
    "SELECT " LIMPID_OUTLINE_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND name_key = $3 "
    "AND state = 1 AND version < $4 ORDER BY version DESC LIMIT $5";
// Of an erased row the payload is empty. A blob's length is read without it.
constexpr std::string_view kUsage =
    "SELECT COUNT(*), COALESCE(SUM(LENGTH(payload)), 0), "
    "COUNT(CASE WHEN state = 1 THEN 1 END) FROM attribute "
    "WHERE shard = $1 AND owner = $2";
constexpr std::string_view kCopiesUsage =
    "SELECT COALESCE(SUM(LENGTH(outer_copy)), 0) FROM grant_copy "
    "WHERE shard = $1 AND owner = $2";
constexpr std::string_view kInsert =
    "INSERT INTO attribute (shard, owner, row_kind, " LIMPID_ATTRIBUTE_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
    "$15, $16)";
constexpr std::string_view kErase =
    "UPDATE attribute SET state = 2, erase_time = $1, wrap = $2, payload = $3 "
    "WHERE shard = $4 AND owner = $5 AND name_key = $6 AND version = $7 "
    "AND state = 1";
constexpr std::string_view kListDefinitions =
    "SELECT id, schema_version, body FROM definition "
    "ORDER BY id, schema_version";
constexpr std::string_view kInsertDefinition =
    "INSERT INTO definition (id, schema_version, body) VALUES ($1, $2, $3)";

// Counters and versions stay far below 2^63: one more per write.
std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

// Versions below `before`, where 0 is no bound.
std::int64_t Below(std::uint64_t before) {
  return before == 0 ? std::numeric_limits<std::int64_t>::max()
                     : Signed(before);
}

// One open transaction or snapshot.
class SqlTransaction final : public VaultTransaction {
 public:
  explicit SqlTransaction(Session& session)
      : session_(session), erasure_(session) {}

  ErasureTransaction& erasure() override { return erasure_; }

  absl::StatusOr<std::vector<std::optional<AttributeRow>>> Newest(
      const Owner& owner, std::span<const NameKey> names) const override {
    std::vector<std::optional<AttributeRow>> out;
    out.reserve(names.size());
    for (const NameKey& name : names) {
      LIMPID_ASSIGN_OR_RETURN(
          out.emplace_back(),
          One(owner, kNewest,
              {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
               ByteView(name)}));
    }
    return out;
  }

  absl::StatusOr<std::optional<AttributeRow>> Find(
      const Owner& owner, const NameKey& name,
      std::uint64_t version) const override {
    return One(owner, kFind,
               {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                ByteView(name), Signed(version)});
  }

  absl::StatusOr<std::uint64_t> HighestVersion(
      const Owner& owner, const NameKey& name) const override {
    std::uint64_t out = 0;
    LIMPID_RETURN_IF_ERROR(session_.Query(
        kHighest,
        {std::int64_t{owner.shard}, ByteView(owner.id.bytes()), ByteView(name)},
        [&](const Row& row) {
          out = static_cast<std::uint64_t>(row.Int(0));
          return absl::OkStatus();
        }));
    return out;
  }

  absl::StatusOr<std::optional<AttributeRow>> FindByRequest(
      const Owner& owner, const RequestKey& request) const override {
    return One(owner, kByRequest,
               {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                ByteView(request)});
  }

  absl::StatusOr<std::vector<AttributeRow>> ListNewest(
      const Owner& owner) const override {
    return OutlinesBy(owner, kListNewest,
                      {std::int64_t{owner.shard}, ByteView(owner.id.bytes())});
  }

  absl::StatusOr<std::vector<AttributeRow>> History(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    return OutlinesBy(owner, kHistory,
                      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                       ByteView(name), Below(before), Signed(limit)});
  }

  absl::StatusOr<std::vector<AttributeRow>> Outlines(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    return OutlinesBy(owner, kOutlines,
                      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                       ByteView(name), Below(before), Signed(limit)});
  }

  absl::StatusOr<Usage> UsageOf(const Owner& owner) const override {
    Usage out;
    LIMPID_RETURN_IF_ERROR(session_.Query(
        kUsage, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
        [&](const Row& row) {
          out.versions = static_cast<std::uint64_t>(row.Int(0));
          out.bytes = static_cast<std::uint64_t>(row.Int(1));
          out.kept = static_cast<std::uint64_t>(row.Int(2));
          return absl::OkStatus();
        }));
    LIMPID_RETURN_IF_ERROR(session_.Query(
        kCopiesUsage, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
        [&](const Row& row) {
          out.copy_bytes = static_cast<std::uint64_t>(row.Int(0));
          out.bytes += out.copy_bytes;
          return absl::OkStatus();
        }));
    return out;
  }

  absl::StatusOr<LogHead> Head() const override { return ReadHead(session_); }
  absl::StatusOr<std::optional<ActRow>> FindAct(
      const ActKey& key) const override {
    return ReadAct(session_, key);
  }
  absl::StatusOr<std::vector<std::int64_t>> RatedActs(
      const Owner& owner, ActKind kind, const ActSpan& span,
      std::size_t limit) const override {
    return ReadRatedActs(session_, owner, kind, span, limit);
  }
  absl::StatusOr<std::uint64_t> LastLostAct() const override {
    return ReadLastLostAct(session_);
  }
  absl::StatusOr<std::vector<ActRow>> ActsFrom(
      std::uint64_t first, std::size_t limit) const override {
    return ReadActs(session_, first, limit);
  }

  absl::StatusOr<std::vector<DefinitionRow>> ListDefinitions() const override {
    std::vector<DefinitionRow> out;
    LIMPID_RETURN_IF_ERROR(
        session_.Query(kListDefinitions, {}, [&](const Row& row) {
          out.push_back({std::string(row.Text(0)),
                         static_cast<std::uint32_t>(row.Int(1)),
                         base::ToText(row.Blob(2))});
          return absl::OkStatus();
        }));
    return out;
  }

  absl::Status Insert(const AttributeRow& row) override {
    return session_
        .Execute(
            kInsert,
            {std::int64_t{row.owner.shard}, ByteView(row.owner.id.bytes()),
             kKindVersion, ByteView(row.id), ByteView(row.name_key),
             Signed(row.version), std::int64_t{row.schema_version},
             ByteView(row.request_key), static_cast<std::int64_t>(row.custody),
             std::int64_t{row.generation}, static_cast<std::int64_t>(row.state),
             row.put_ms, row.erase_ms, ByteView(row.label), ByteView(row.wrap),
             ByteView(row.payload)})
        .status();
  }

  absl::Status Erase(const Owner& owner, const NameKey& name,
                     std::uint64_t version, std::int64_t erase_ms) override {
    const base::Bytes empty;
    LIMPID_ASSIGN_OR_RETURN(
        const std::int64_t changed,
        session_.Execute(kErase,
                         {erase_ms, ByteView(empty), ByteView(empty),
                          std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                          ByteView(name), Signed(version)}));
    if (changed != 1) return absl::NotFoundError("no such row");
    return absl::OkStatus();
  }

  absl::Status AppendAct(const ActRow& row) override {
    return WriteAct(session_, row);
  }

  absl::Status InsertDefinition(const DefinitionRow& row) override {
    return session_
        .Execute(kInsertDefinition,
                 {std::string_view(row.id), std::int64_t{row.schema_version},
                  base::AsBytes(row.body_json)})
        .status();
  }

  absl::StatusOr<std::vector<RecoveryRow>> Recoveries(
      const Owner& owner) const override {
    return ReadRecoveries(session_, owner);
  }
  absl::Status PutRecovery(const RecoveryRow& row) override {
    return WriteRecovery(session_, row);
  }
  absl::StatusOr<std::vector<SourceLinkRow>> SourceLinks(
      const Owner& owner) const override {
    return ReadSourceLinks(session_, owner);
  }
  absl::Status PutSourceLink(const SourceLinkRow& row) override {
    return WriteSourceLink(session_, row);
  }
  absl::Status DeleteSourceLink(const Owner& owner,
                                const SourceKey& source) override {
    return vault::DeleteSourceLink(session_, owner, source);
  }

 private:
  using Values = std::initializer_list<storage::Value>;

  absl::StatusOr<std::vector<AttributeRow>> OutlinesBy(const Owner& owner,
                                                       std::string_view sql,
                                                       Values values) const {
    std::vector<AttributeRow> out;
    LIMPID_RETURN_IF_ERROR(session_.Query(sql, values, [&](const Row& row) {
      out.push_back(ToOutline(owner, row));
      return absl::OkStatus();
    }));
    return out;
  }

  absl::StatusOr<std::optional<AttributeRow>> One(const Owner& owner,
                                                  std::string_view sql,
                                                  Values values) const {
    std::optional<AttributeRow> out;
    LIMPID_RETURN_IF_ERROR(session_.Query(sql, values, [&](const Row& row) {
      out = ToAttribute(owner, row);
      return absl::OkStatus();
    }));
    return out;
  }

  Session& session_;
  SqlErasure erasure_;
};

class SqlVaultStore final : public VaultStore {
 public:
  explicit SqlVaultStore(storage::Database& database) : database_(database) {}

  absl::Status Write(
      absl::FunctionRef<absl::Status(VaultTransaction&)> work) override {
    return database_.Write([&](Session& session) {
      SqlTransaction transaction(session);
      return work(transaction);
    });
  }

  absl::Status Snapshot(
      absl::FunctionRef<absl::Status(const VaultReads&)> work) const override {
    return database_.Read(
        [&](Session& session) { return work(SqlTransaction(session)); });
  }
  absl::Status ReadErasure(absl::FunctionRef<absl::Status(const ErasureReads&)>
                               work) const override {
    return database_.Read(
        [&](Session& session) { return work(SqlErasure(session)); });
  }
  absl::Status Scrub() override { return database_.Checkpoint(); }

  absl::StatusOr<std::vector<std::optional<AttributeRow>>> Newest(
      const Owner& owner, std::span<const NameKey> names) const override {
    return One(
        [&](const VaultReads& reads) { return reads.Newest(owner, names); });
  }
  absl::StatusOr<std::optional<AttributeRow>> Find(
      const Owner& owner, const NameKey& name,
      std::uint64_t version) const override {
    return One([&](const VaultReads& reads) {
      return reads.Find(owner, name, version);
    });
  }
  absl::StatusOr<std::uint64_t> HighestVersion(
      const Owner& owner, const NameKey& name) const override {
    return One([&](const VaultReads& reads) {
      return reads.HighestVersion(owner, name);
    });
  }
  absl::StatusOr<std::optional<AttributeRow>> FindByRequest(
      const Owner& owner, const RequestKey& request) const override {
    return One([&](const VaultReads& reads) {
      return reads.FindByRequest(owner, request);
    });
  }
  absl::StatusOr<std::vector<AttributeRow>> ListNewest(
      const Owner& owner) const override {
    return One(
        [&](const VaultReads& reads) { return reads.ListNewest(owner); });
  }
  absl::StatusOr<std::vector<AttributeRow>> History(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    return One([&](const VaultReads& reads) {
      return reads.History(owner, name, before, limit);
    });
  }
  absl::StatusOr<std::vector<AttributeRow>> Outlines(
      const Owner& owner, const NameKey& name, std::uint64_t before,
      std::size_t limit) const override {
    return One([&](const VaultReads& reads) {
      return reads.Outlines(owner, name, before, limit);
    });
  }
  absl::StatusOr<Usage> UsageOf(const Owner& owner) const override {
    return One([&](const VaultReads& reads) { return reads.UsageOf(owner); });
  }
  absl::StatusOr<LogHead> Head() const override {
    return One([](const VaultReads& reads) { return reads.Head(); });
  }
  absl::StatusOr<std::optional<ActRow>> FindAct(
      const ActKey& key) const override {
    return One([&](const VaultReads& reads) { return reads.FindAct(key); });
  }
  absl::StatusOr<std::vector<std::int64_t>> RatedActs(
      const Owner& owner, ActKind kind, const ActSpan& span,
      std::size_t limit) const override {
    return One([&](const VaultReads& reads) {
      return reads.RatedActs(owner, kind, span, limit);
    });
  }
  absl::StatusOr<std::uint64_t> LastLostAct() const override {
    return One([&](const VaultReads& reads) { return reads.LastLostAct(); });
  }
  absl::StatusOr<std::vector<ActRow>> ActsFrom(
      std::uint64_t first, std::size_t limit) const override {
    return One(
        [&](const VaultReads& reads) { return reads.ActsFrom(first, limit); });
  }
  absl::StatusOr<std::vector<DefinitionRow>> ListDefinitions() const override {
    return One([](const VaultReads& reads) { return reads.ListDefinitions(); });
  }
  absl::StatusOr<std::vector<RecoveryRow>> Recoveries(
      const Owner& owner) const override {
    return One(
        [&](const VaultReads& reads) { return reads.Recoveries(owner); });
  }
  absl::StatusOr<std::vector<SourceLinkRow>> SourceLinks(
      const Owner& owner) const override {
    return One(
        [&](const VaultReads& reads) { return reads.SourceLinks(owner); });
  }

 private:
  // Runs one read on a snapshot of its own.
  template <typename Function>
  auto One(Function function) const
      -> decltype(function(std::declval<const VaultReads&>())) {
    decltype(function(std::declval<const VaultReads&>())) out =
        absl::UnknownError("");
    LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
      out = function(SqlTransaction(session));
      return out.status();
    }));
    return out;
  }

  storage::Database& database_;
};

}  // namespace

std::unique_ptr<VaultStore> NewSqlVaultStore(storage::Database& database) {
  return std::make_unique<SqlVaultStore>(database);
}

}  // namespace limpid::vault

#include "vault/store/sql_source_links.h"

#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

using base::ByteView;

constexpr std::string_view kList =
    "SELECT source_key, generation, payload FROM source_link "
    "WHERE shard = $1 AND owner = $2 ORDER BY source_key";
constexpr std::string_view kPut =
    "INSERT INTO source_link (shard, owner, source_key, generation, payload) "
    "VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (shard, owner, source_key) DO UPDATE SET "
    "generation = excluded.generation, payload = excluded.payload";
constexpr std::string_view kDelete =
    "DELETE FROM source_link WHERE shard = $1 AND owner = $2 "
    "AND source_key = $3";

}  // namespace

storage::Migration SourceLinkMigration() {
  return {{
      "CREATE TABLE source_link ("
      "shard BIGINT NOT NULL, owner BYTEA NOT NULL, "
      "source_key BYTEA NOT NULL, generation BIGINT NOT NULL, "
      "payload BYTEA NOT NULL, PRIMARY KEY (shard, owner, source_key))",
  }};
}

absl::StatusOr<std::vector<SourceLinkRow>> ReadSourceLinks(
    storage::Session& session, const Owner& owner) {
  std::vector<SourceLinkRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kList, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
      [&](const storage::Row& row) {
        SourceLinkRow& one = out.emplace_back();
        one.owner = owner;
        one.source_key = row.Array<16>(0);
        one.generation = static_cast<std::uint32_t>(row.Int(1));
        one.sealed = base::ToBytes(row.Blob(2));
        return absl::OkStatus();
      }));
  return out;
}

absl::Status WriteSourceLink(storage::Session& session,
                             const SourceLinkRow& row) {
  return session
      .Execute(kPut, {std::int64_t{row.owner.shard},
                      ByteView(row.owner.id.bytes()), ByteView(row.source_key),
                      std::int64_t{row.generation}, ByteView(row.sealed)})
      .status();
}

absl::Status DeleteSourceLink(storage::Session& session, const Owner& owner,
                              const SourceKey& source) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session.Execute(kDelete, {std::int64_t{owner.shard},
                                ByteView(owner.id.bytes()), ByteView(source)}));
  return changed == 1 ? absl::OkStatus() : absl::NotFoundError("no such row");
}

}  // namespace limpid::vault

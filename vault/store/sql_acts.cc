#include "vault/store/sql_acts.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/status_macros.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

#define LIMPID_ACT_COLUMNS                                       \
  "counter, shard, owner, kind, name_key, version, generation, " \
  "act_time, commitment, head, disclosure"

constexpr std::string_view kHead =
    "SELECT counter, head FROM act ORDER BY counter DESC LIMIT 1";
constexpr std::string_view kFindAct =
    "SELECT " LIMPID_ACT_COLUMNS
    " FROM act WHERE shard = $1 AND owner = $2 AND name_key = $3 "
    "AND version = $4 AND kind = $5 ORDER BY counter DESC LIMIT 1";
// The kinds are written out so that the index of these alone is used; they are
// those of attribute/act_rate.cc.
#define LIMPID_RATED_KINDS "kind IN (5, 9, 15, 19)"
static_assert(static_cast<int>(ActKind::kSlotAdd) == 5);
static_assert(static_cast<int>(ActKind::kExport) == 9);
static_assert(static_cast<int>(ActKind::kRecoveryStart) == 15);
static_assert(static_cast<int>(ActKind::kSourceLink) == 19);
constexpr std::string_view kRatedIndex =
    "CREATE INDEX act_rated ON act (shard, owner, kind, act_time) "
    "WHERE " LIMPID_RATED_KINDS;
constexpr std::string_view kRatedActs =
    "SELECT act_time FROM act WHERE shard = $1 AND owner = $2 AND kind = $3 "
    "AND " LIMPID_RATED_KINDS
    " AND act_time > $4 AND act_time <= $5 ORDER BY act_time DESC LIMIT $6";
constexpr std::string_view kLastLost =
    "SELECT COALESCE(MAX(counter), 0) FROM act WHERE shard = $1 AND owner = $2 "
    "AND name_key = $3 AND version = 0 AND kind = $4";
constexpr std::string_view kActsFrom =
    "SELECT " LIMPID_ACT_COLUMNS
    " FROM act WHERE counter >= $1 ORDER BY counter LIMIT $2";
constexpr std::string_view kAppendAct =
    "INSERT INTO act (" LIMPID_ACT_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
// Counters and versions stay far below 2^63: one more per write.
std::int64_t Signed(std::uint64_t value) {
  return static_cast<std::int64_t>(value);
}

ActRow ToAct(const Row& row) {
  ActRow out;
  out.counter = static_cast<std::uint64_t>(row.Int(0));
  out.owner.shard = static_cast<std::uint16_t>(row.Int(1));
  out.owner.id = HolderId(row.Array<base::kIdBytes>(2));
  out.kind = static_cast<ActKind>(row.Int(3));
  out.name_key = row.Array<16>(4);
  out.version = static_cast<std::uint64_t>(row.Int(5));
  out.generation = static_cast<std::uint32_t>(row.Int(6));
  out.time_ms = row.Int(7);
  out.commitment = row.Array<32>(8);
  out.head = row.Array<32>(9);
  out.sealed_disclosure = base::ToBytes(row.Blob(10));
  return out;
}

}  // namespace

storage::Migration RatedActsMigration() { return {{std::string(kRatedIndex)}}; }

absl::StatusOr<LogHead> ReadHead(Session& session) {
  LogHead out;
  LIMPID_RETURN_IF_ERROR(session.Query(kHead, {}, [&](const Row& row) {
    out.counter = static_cast<std::uint64_t>(row.Int(0));
    out.head = row.Array<32>(1);
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::optional<ActRow>> ReadAct(Session& session,
                                              const ActKey& key) {
  std::optional<ActRow> out;
  LIMPID_RETURN_IF_ERROR(
      session.Query(kFindAct,
                    {std::int64_t{key.owner.shard},
                     ByteView(key.owner.id.bytes()), ByteView(key.name_key),
                     Signed(key.version), static_cast<std::int64_t>(key.kind)},
                    [&](const Row& row) {
                      out = ToAct(row);
                      return absl::OkStatus();
                    }));
  return out;
}

absl::StatusOr<std::vector<std::int64_t>> ReadRatedActs(Session& session,
                                                        const Owner& owner,
                                                        ActKind kind,
                                                        const ActSpan& span,
                                                        std::size_t limit) {
  std::vector<std::int64_t> out;
  LIMPID_RETURN_IF_ERROR(
      session.Query(kRatedActs,
                    {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                     static_cast<std::int64_t>(kind), span.after_ms,
                     span.until_ms, Signed(limit)},
                    [&](const Row& row) {
                      out.push_back(row.Int(0));
                      return absl::OkStatus();
                    }));
  return out;
}

absl::StatusOr<std::uint64_t> ReadLastLostAct(Session& session) {
  std::uint64_t out = 0;
  const ActRow bare;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kLastLost,
      {std::int64_t{bare.owner.shard}, ByteView(bare.owner.id.bytes()),
       ByteView(bare.name_key), static_cast<std::int64_t>(ActKind::kLost)},
      [&](const Row& row) {
        out = static_cast<std::uint64_t>(row.Int(0));
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<ActRow>> ReadActs(Session& session,
                                             std::uint64_t first,
                                             std::size_t limit) {
  std::vector<ActRow> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      kActsFrom, {Signed(first), Signed(limit)}, [&](const Row& row) {
        out.push_back(ToAct(row));
        return absl::OkStatus();
      }));
  return out;
}

absl::Status WriteAct(Session& session, const ActRow& row) {
  LIMPID_ASSIGN_OR_RETURN(const LogHead head, ReadHead(session));
  if (row.counter != head.counter + 1) {
    return absl::AbortedError("another act was first");
  }
  return session
      .Execute(
          kAppendAct,
          {Signed(row.counter), std::int64_t{row.owner.shard},
           ByteView(row.owner.id.bytes()), static_cast<std::int64_t>(row.kind),
           ByteView(row.name_key), Signed(row.version),
           std::int64_t{row.generation}, row.time_ms, ByteView(row.commitment),
           ByteView(row.head), ByteView(row.sealed_disclosure)})
      .status();
}

}  // namespace limpid::vault

#include "vault/store/sql_erasure.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "vault/log/act.h"
#include "vault/store/attribute_rows.h"

namespace limpid::vault {
namespace {

using base::ByteView;
using storage::Row;
using storage::Session;

#define LIMPID_HOLD_COLUMNS "id, shard, owner, placed, lifted, payload"

constexpr std::string_view kFindById =
    "SELECT " LIMPID_LIGHT_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND id = $3";
constexpr std::string_view kKeptOf =
    "SELECT " LIMPID_LIGHT_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND name_key = $3 "
    "AND state = 1 ORDER BY version";
constexpr std::string_view kRowsBelow =
    "SELECT " LIMPID_LIGHT_COLUMNS
    " FROM attribute WHERE shard = $1 AND owner = $2 AND custody = 1 "
    "AND generation < $3 AND (name_key, version) > ($4, $5) "
    "ORDER BY name_key, version LIMIT $6";
constexpr std::string_view kActsBelow =
    "SELECT counter, generation, commitment, disclosure FROM act "
    "WHERE shard = $1 AND owner = $2 AND generation > 0 AND generation < $3 "
    "ORDER BY generation, counter LIMIT $4";
constexpr std::string_view kCountRows =
    "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN state = 1 THEN 1 ELSE 0 "
    "END), 0) AS BIGINT), COALESCE(MIN(generation), 0), "
    "COALESCE(MAX(generation), 0) FROM attribute "
    "WHERE shard = $1 AND owner = $2 AND custody = 1";
constexpr std::string_view kCountActs =
    "SELECT COUNT(*), COALESCE(MIN(generation), 0), "
    "COALESCE(MAX(generation), 0) FROM act "
    "WHERE shard = $1 AND owner = $2 AND generation > 0";
// ActKind::kKey, written out so that the index of these alone is used. One that
// lost its person has no version.
constexpr std::string_view kNewestKeys =
    "SELECT shard, owner, version FROM act WHERE kind = 3 AND version > 0 "
    "ORDER BY counter DESC LIMIT $1";
static_assert(static_cast<int>(ActKind::kKey) == 3);
constexpr std::string_view kOwnersAfter =
    "SELECT DISTINCT shard, owner FROM attribute WHERE state = 1 "
    "AND (shard, owner) > ($1, $2) ORDER BY shard, owner LIMIT $3";
// As many bytes as kPayloadHeadBytes.
constexpr std::string_view kKeptAfter =
    "SELECT " LIMPID_LIGHT_COLUMNS
    ", SUBSTR(payload, 1, 8) FROM attribute WHERE shard = $1 AND owner = $2 "
    "AND state = 1 AND (name_key, version) > ($3, $4) "
    "ORDER BY name_key, version LIMIT $5";
static_assert(kPayloadHeadBytes == 8);
constexpr std::string_view kHolds =
    "SELECT " LIMPID_HOLD_COLUMNS
    " FROM hold WHERE shard = $1 AND owner = $2 "
    "ORDER BY placed, id";
constexpr std::string_view kFindHold =
    "SELECT " LIMPID_HOLD_COLUMNS " FROM hold WHERE id = $1";
constexpr std::string_view kFindCertificate =
    "SELECT id, shard, owner, payload FROM certificate WHERE id = $1";
constexpr std::string_view kRewrap =
    "UPDATE attribute SET generation = $1, label = $2, wrap = $3 "
    "WHERE shard = $4 AND owner = $5 AND name_key = $6 AND version = $7 "
    "AND id = $8";
constexpr std::string_view kReplace =
    "UPDATE attribute SET label = $1, wrap = $2, payload = $3 "
    "WHERE shard = $4 AND owner = $5 AND name_key = $6 AND version = $7 "
    "AND id = $8 AND state = 1 AND custody = 1 AND generation = $9 "
    "AND label = $10 AND wrap = $11 AND payload = $12";
constexpr std::string_view kReseal =
    "UPDATE act SET generation = $1, disclosure = $2 WHERE counter = $3";
constexpr std::string_view kCountKept =
    "SELECT COUNT(*) FROM attribute WHERE shard = $1 AND owner = $2 "
    "AND state = 1";
constexpr std::string_view kBareActs =
    "UPDATE act SET shard = 0, owner = $1, name_key = $2, version = 0, "
    "generation = 0, disclosure = $3 WHERE shard = $4 AND owner = $5";
constexpr std::array<std::string_view, 6> kForget = {
    "DELETE FROM attribute WHERE shard = $1 AND owner = $2",
    "DELETE FROM hold WHERE shard = $1 AND owner = $2",
    "DELETE FROM certificate WHERE shard = $1 AND owner = $2",
    "DELETE FROM budget WHERE shard = $1 AND owner = $2",
    "DELETE FROM recovery WHERE shard = $1 AND owner = $2",
    "DELETE FROM source_link WHERE shard = $1 AND owner = $2",
};
constexpr std::string_view kInsertHold =
    "INSERT INTO hold (" LIMPID_HOLD_COLUMNS
    ") VALUES ($1, $2, $3, $4, $5, $6)";
constexpr std::string_view kLiftHold =
    "UPDATE hold SET lifted = $1 WHERE id = $2 AND lifted = 0";
constexpr std::string_view kInsertCertificate =
    "INSERT INTO certificate (id, shard, owner, payload) "
    "VALUES ($1, $2, $3, $4)";

Owner ToOwner(const Row& row, int first) {
  return {static_cast<std::uint16_t>(row.Int(first)),
          HolderId(row.Array<base::kIdBytes>(first + 1))};
}

}  // namespace

storage::Migration ErasureMigration() {
  return {{
      "CREATE TABLE hold (id BYTEA NOT NULL PRIMARY KEY, "
      "shard BIGINT NOT NULL, owner BYTEA NOT NULL, placed BIGINT NOT NULL, "
      "lifted BIGINT NOT NULL, payload BYTEA NOT NULL)",
      "CREATE INDEX hold_of ON hold (shard, owner)",
      "CREATE TABLE certificate (id BYTEA NOT NULL PRIMARY KEY, "
      "shard BIGINT NOT NULL, owner BYTEA NOT NULL, payload BYTEA NOT NULL)",
      "CREATE INDEX certificate_of ON certificate (shard, owner)",
  }};
}

absl::StatusOr<std::vector<AttributeRow>> SqlErasure::Rows(
    const Owner& owner, std::string_view sql, Values values) const {
  std::vector<AttributeRow> out;
  LIMPID_RETURN_IF_ERROR(session_.Query(sql, values, [&](const Row& row) {
    out.push_back(ToLight(owner, row));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::optional<AttributeRow>> SqlErasure::FindById(
    const Owner& owner, const crypto::KeyId& id) const {
  LIMPID_ASSIGN_OR_RETURN(
      auto rows, Rows(owner, kFindById,
                      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
                       ByteView(id)}));
  std::optional<AttributeRow> out;
  if (!rows.empty()) out = std::move(rows.front());
  return out;
}

absl::StatusOr<std::vector<AttributeRow>> SqlErasure::KeptOf(
    const Owner& owner, const NameKey& name) const {
  return Rows(
      owner, kKeptOf,
      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()), ByteView(name)});
}

absl::StatusOr<std::vector<AttributeRow>> SqlErasure::RowsBelow(
    const Owner& owner, std::uint32_t generation, const RowPlace& after,
    std::size_t limit) const {
  return Rows(owner, kRowsBelow,
              {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
               std::int64_t{generation}, ByteView(after.name_key),
               static_cast<std::int64_t>(after.version),
               static_cast<std::int64_t>(limit)});
}

absl::StatusOr<std::vector<SealedAct>> SqlErasure::ActsBelow(
    const Owner& owner, std::uint32_t generation, std::size_t limit) const {
  std::vector<SealedAct> out;
  LIMPID_RETURN_IF_ERROR(session_.Query(
      kActsBelow,
      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()),
       std::int64_t{generation}, static_cast<std::int64_t>(limit)},
      [&](const Row& row) {
        out.push_back({static_cast<std::uint64_t>(row.Int(0)),
                       static_cast<std::uint32_t>(row.Int(1)), row.Array<32>(2),
                       base::ToBytes(row.Blob(3))});
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<PersonCount> SqlErasure::Count(const Owner& owner) const {
  PersonCount out;
  LIMPID_RETURN_IF_ERROR(session_.Query(
      kCountRows, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
      [&](const Row& row) {
        out.rows = row.Int(0);
        out.kept = row.Int(1);
        out.lowest = static_cast<std::uint32_t>(row.Int(2));
        out.highest = static_cast<std::uint32_t>(row.Int(3));
        return absl::OkStatus();
      }));
  LIMPID_RETURN_IF_ERROR(session_.Query(
      kCountActs, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
      [&](const Row& row) {
        out.acts = row.Int(0);
        const auto lowest = static_cast<std::uint32_t>(row.Int(1));
        if (out.acts > 0) {
          out.lowest = out.rows == 0 ? lowest : std::min(out.lowest, lowest);
        }
        out.highest =
            std::max(out.highest, static_cast<std::uint32_t>(row.Int(2)));
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<KeyMade>> SqlErasure::NewestKeys(
    std::size_t limit) const {
  std::vector<KeyMade> out;
  LIMPID_RETURN_IF_ERROR(session_.Query(
      kNewestKeys, {static_cast<std::int64_t>(limit)}, [&](const Row& row) {
        out.push_back(
            {ToOwner(row, 0), static_cast<std::uint32_t>(row.Int(2))});
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<Owner>> SqlErasure::OwnersAfter(
    const Owner& after, std::size_t limit) const {
  std::vector<Owner> out;
  LIMPID_RETURN_IF_ERROR(
      session_.Query(kOwnersAfter,
                     {std::int64_t{after.shard}, ByteView(after.id.bytes()),
                      static_cast<std::int64_t>(limit)},
                     [&](const Row& row) {
                       out.push_back(ToOwner(row, 0));
                       return absl::OkStatus();
                     }));
  return out;
}

absl::StatusOr<std::vector<AttributeRow>> SqlErasure::KeptAfter(
    const Owner& owner, const NameKey& name, std::uint64_t version,
    std::size_t limit) const {
  std::vector<AttributeRow> out;
  LIMPID_RETURN_IF_ERROR(session_.Query(
      kKeptAfter,
      {std::int64_t{owner.shard}, ByteView(owner.id.bytes()), ByteView(name),
       static_cast<std::int64_t>(version), static_cast<std::int64_t>(limit)},
      [&](const Row& row) {
        out.push_back(ToAttribute(owner, row));
        return absl::OkStatus();
      }));
  return out;
}

absl::StatusOr<std::vector<HoldRow>> SqlErasure::HoldRows(std::string_view sql,
                                                          Values values) const {
  std::vector<HoldRow> out;
  LIMPID_RETURN_IF_ERROR(session_.Query(sql, values, [&](const Row& row) {
    HoldRow& hold = out.emplace_back();
    hold.id = row.Array<16>(0);
    hold.owner = ToOwner(row, 1);
    hold.placed_ms = row.Int(3);
    hold.lifted_ms = row.Int(4);
    hold.sealed = base::ToBytes(row.Blob(5));
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::vector<HoldRow>> SqlErasure::Holds(
    const Owner& owner) const {
  return HoldRows(kHolds,
                  {std::int64_t{owner.shard}, ByteView(owner.id.bytes())});
}

absl::StatusOr<std::optional<HoldRow>> SqlErasure::FindHold(
    const HoldId& id) const {
  LIMPID_ASSIGN_OR_RETURN(auto rows, HoldRows(kFindHold, {ByteView(id)}));
  std::optional<HoldRow> out;
  if (!rows.empty()) out = std::move(rows.front());
  return out;
}

absl::StatusOr<std::optional<CertificateRow>> SqlErasure::FindCertificate(
    const CertificateId& id) const {
  std::optional<CertificateRow> out;
  LIMPID_RETURN_IF_ERROR(
      session_.Query(kFindCertificate, {ByteView(id)}, [&](const Row& row) {
        out = CertificateRow{row.Array<16>(0), ToOwner(row, 1),
                             base::ToBytes(row.Blob(3))};
        return absl::OkStatus();
      }));
  return out;
}

absl::Status SqlErasure::ChangeOne(std::string_view sql, Values values) {
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t changed,
                          session_.Execute(sql, values));
  return changed == 1 ? absl::OkStatus() : absl::NotFoundError("no such row");
}

absl::Status SqlErasure::Rewrap(const AttributeRow& row) {
  return ChangeOne(kRewrap,
                   {std::int64_t{row.generation}, ByteView(row.label),
                    ByteView(row.wrap), std::int64_t{row.owner.shard},
                    ByteView(row.owner.id.bytes()), ByteView(row.name_key),
                    static_cast<std::int64_t>(row.version), ByteView(row.id)});
}

absl::StatusOr<bool> SqlErasure::Replace(const AttributeRow& was,
                                         const AttributeRow& now) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session_.Execute(
          kReplace,
          {ByteView(now.label), ByteView(now.wrap), ByteView(now.payload),
           std::int64_t{was.owner.shard}, ByteView(was.owner.id.bytes()),
           ByteView(was.name_key), static_cast<std::int64_t>(was.version),
           ByteView(was.id), std::int64_t{was.generation}, ByteView(was.label),
           ByteView(was.wrap), ByteView(was.payload)}));
  return changed == 1;
}

absl::Status SqlErasure::Reseal(const SealedAct& act) {
  return ChangeOne(kReseal,
                   {std::int64_t{act.generation}, ByteView(act.disclosure),
                    static_cast<std::int64_t>(act.counter)});
}

absl::StatusOr<std::int64_t> SqlErasure::ForgetPerson(const Owner& owner) {
  std::int64_t kept = 0;
  LIMPID_RETURN_IF_ERROR(session_.Query(
      kCountKept, {std::int64_t{owner.shard}, ByteView(owner.id.bytes())},
      [&](const Row& row) {
        kept = row.Int(0);
        return absl::OkStatus();
      }));
  for (const std::string_view sql : kForget) {
    LIMPID_RETURN_IF_ERROR(session_
                               .Execute(sql, {std::int64_t{owner.shard},
                                              ByteView(owner.id.bytes())})
                               .status());
  }
  const HolderId nobody;
  const NameKey no_name{};
  const base::Bytes empty;
  LIMPID_RETURN_IF_ERROR(
      session_
          .Execute(kBareActs, {ByteView(nobody.bytes()), ByteView(no_name),
                               ByteView(empty), std::int64_t{owner.shard},
                               ByteView(owner.id.bytes())})
          .status());
  return kept;
}

absl::Status SqlErasure::InsertHold(const HoldRow& row) {
  return session_
      .Execute(kInsertHold, {ByteView(row.id), std::int64_t{row.owner.shard},
                             ByteView(row.owner.id.bytes()), row.placed_ms,
                             row.lifted_ms, ByteView(row.sealed)})
      .status();
}

absl::Status SqlErasure::LiftHold(const HoldId& id, std::int64_t lifted_ms) {
  return ChangeOne(kLiftHold, {lifted_ms, ByteView(id)});
}

absl::Status SqlErasure::InsertCertificate(const CertificateRow& row) {
  return session_
      .Execute(kInsertCertificate,
               {ByteView(row.id), std::int64_t{row.owner.shard},
                ByteView(row.owner.id.bytes()), ByteView(row.sealed)})
      .status();
}

}  // namespace limpid::vault

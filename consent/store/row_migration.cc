#include "consent/store/row_migration.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"
#include "consent/store/key_rows.h"
#include "consent/store/person_rows.h"
#include "consent/store/sql_rows.h"

namespace limpid::consent {
namespace {

using storage::Row;
using storage::Session;

// Rows in memory at once.
constexpr std::int64_t kPage = 256;

// The rows behind `after` in key order; from the first without one.
absl::StatusOr<std::vector<PersonalRow>> EarlierRows(
    Session& session, const std::optional<RowKey>& after) {
  const RowKey from = after.value_or(RowKey());
  return Collect(
      session,
      "SELECT shard, person, kind, id, sequence, lookup, state, created, due, "
      "payload FROM personal "
      "WHERE (shard, person, kind, id, sequence) > ($1, $2, $3, $4, $5) "
      "ORDER BY shard, person, kind, id, sequence LIMIT $6",
      {after ? std::int64_t{from.shard} : -1, from.person.bytes(),
       Number(from.kind), from.id, Big(from.sequence), kPage},
      &ReadPersonalRow);
}

struct EarlierKey {
  PersonId person;
  PersonKeyStore::Wrapped key;
};

absl::StatusOr<std::vector<EarlierKey>> EarlierKeys(
    Session& session, std::string_view sql,
    const std::optional<PersonId>& after) {
  std::vector<EarlierKey> out;
  // No id is empty.
  const base::ByteView from =
      after ? base::ByteView(after->bytes()) : base::ByteView();
  LIMPID_RETURN_IF_ERROR(session.Query(sql, {from, kPage}, [&](const Row& row) {
    out.push_back(
        {PersonId(row.Array<16>(0)),
         {static_cast<std::uint32_t>(row.Int(1)), base::ToBytes(row.Blob(2))}});
    return absl::OkStatus();
  }));
  return out;
}

template <typename Put>
absl::Status MoveKeys(Session& session, std::string_view sql, Put put) {
  std::optional<PersonId> last;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<EarlierKey> page,
                            EarlierKeys(session, sql, last));
    for (const EarlierKey& one : page) {
      LIMPID_RETURN_IF_ERROR(put(one.person, one.key));
    }
    if (page.empty()) return absl::OkStatus();
    last = page.back().person;
  }
}

absl::Status RunAll(Session& session,
                    std::initializer_list<std::string_view> statements) {
  for (const std::string_view sql : statements) {
    LIMPID_RETURN_IF_ERROR(session.Execute(sql).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status MoveRowsOfPersons(Session& session) {
  const PersonRows rows;
  PersonRows::Given given;
  std::optional<RowKey> last;
  for (;;) {
    LIMPID_ASSIGN_OR_RETURN(const std::vector<PersonalRow> page,
                            EarlierRows(session, last));
    for (const PersonalRow& row : page) {
      LIMPID_RETURN_IF_ERROR(rows.Insert(session, row, given));
    }
    if (page.empty()) break;
    last = page.back().key;
    // The next page's persons are others, but for one.
    given.numbers.clear();
  }
  return RunAll(session, {"DROP TABLE personal"});
}

absl::Status MovePersonKeys(Session& session) {
  LIMPID_RETURN_IF_ERROR(
      MoveKeys(session,
               "SELECT person, epoch, wrap FROM person_key WHERE person > $1 "
               "ORDER BY person LIMIT $2",
               [&](const PersonId& person, const PersonKeyStore::Wrapped& key) {
                 return InsertPersonKey(session, person, key);
               }));
  LIMPID_RETURN_IF_ERROR(MoveKeys(
      session,
      "SELECT person, epoch, wrap FROM person_log_key WHERE person > $1 "
      "ORDER BY person LIMIT $2",
      [&](const PersonId& person, const PersonKeyStore::Wrapped& key) {
        return PutLogKeyRow(session, person, key).status();
      }));
  return RunAll(session,
                {"DROP TABLE person_key", "DROP TABLE person_log_key"});
}

}  // namespace limpid::consent

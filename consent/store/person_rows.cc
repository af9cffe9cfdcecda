#include "consent/store/person_rows.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "consent/store/places.h"
#include "consent/store/sql_rows.h"

namespace limpid::consent {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

PersonRows::Owner OwnerOf(const RowKey& key) { return {key.shard, key.person}; }

Value LookupValue(const PersonalRow& row) {
  if (!row.lookup) return std::monostate();
  return base::ByteView(*row.lookup);
}

Value DueValue(const PersonalRow& row) {
  if (row.due_ms == 0) return std::monostate();
  return row.due_ms;
}

// The zero id, that of every entry, takes no room. Sorts as it does itself.
base::ByteView StoredId(const RowId& id) {
  if (id == RowId{}) return {};
  return id;
}

// Columns of a row in every query below, in this order; the first five are its
// key.
#define LIMPID_KEY_COLUMNS "shard, person, kind, id, sequence"
#define LIMPID_ROW_COLUMNS \
  LIMPID_KEY_COLUMNS ", lookup, state, created, due, payload, number"

constexpr int kNumberColumn = 10;

// Of a duty that is not answered, DutyState 1 to 3.
constexpr std::uint8_t kLastOpenDuty = 3;

absl::StatusOr<std::vector<RowKey>> OpenDuties(Session& session,
                                               std::uint8_t state,
                                               const RowKey& after,
                                               std::size_t limit) {
  // Before all of her duties, or behind that one.
  const bool before = after.kind < RowKind::kDeletionDuty;
  const base::ByteView id = before ? base::ByteView() : StoredId(after.id);
  const std::int64_t sequence = before ? -1 : Big(after.sequence);
  return Collect(session, kOpenDutiesSql,
                 {std::int64_t{state}, std::int64_t{after.shard},
                  after.person.bytes(), id, sequence, Big(limit)},
                 &ReadRowKey);
}

// The one number that the query answers; none for NULL or no row.
absl::StatusOr<std::optional<std::int64_t>> Ask(
    Session& session, std::string_view sql,
    std::initializer_list<Value> values) {
  std::optional<std::int64_t> out;
  LIMPID_RETURN_IF_ERROR(session.Query(sql, values, [&](const Row& row) {
    if (!row.IsNull(0)) out = row.Int(0);
    return absl::OkStatus();
  }));
  return out;
}

absl::StatusOr<std::int64_t> PlaceAtEnd(Session& session,
                                        PersonRows::Given& given) {
  if (given.next_place == 0) {
    LIMPID_ASSIGN_OR_RETURN(
        const auto last, Ask(session, "SELECT MAX(place) FROM person_row", {}));
    given.next_place = std::max<std::int64_t>(last.value_or(0), 0) + 1;
  }
  return given.next_place++;
}

absl::StatusOr<std::int64_t> PlaceFor(Session& session, const RowKey& key,
                                      std::int64_t number,
                                      PersonRows::Given& given) {
  const std::int64_t first = PlaceOfPerson(number);
  const bool has_places = number <= kMostNumbers;
  if (has_places && IsAccountRow(key)) return first;
  if (has_places && StandsWithPerson(key.kind)) {
    LIMPID_ASSIGN_OR_RETURN(const auto last,
                            Ask(session,
                                "SELECT MAX(place) FROM person_row "
                                "WHERE place >= $1 AND place < $2",
                                {first, first + kSlots}));
    const std::int64_t next = last.value_or(first) + 1;
    if (next < first + kSlots) return next;
  }
  return PlaceAtEnd(session, given);
}

}  // namespace

absl::StatusOr<std::optional<std::int64_t>> PersonRows::NumberOf(
    Session& session, const Owner& owner) const {
  {
    const base::MutexLock lock(mutex_);
    const auto at = numbers_.find(owner);
    if (at != numbers_.end()) return std::optional(at->second);
  }
  return Ask(session,
             "SELECT number FROM person WHERE shard = $1 AND person = $2",
             {std::int64_t{owner.first}, owner.second.bytes()});
}

absl::StatusOr<std::optional<std::int64_t>> PersonRows::NumberOf(
    Session& session, const Owner& owner, Given& given) const {
  const auto at = given.numbers.find(owner);
  if (at != given.numbers.end()) return std::optional(at->second);
  LIMPID_ASSIGN_OR_RETURN(const auto number, NumberOf(session, owner));
  if (number) given.numbers.emplace(owner, *number);
  return number;
}

absl::StatusOr<std::int64_t> PersonRows::GiveNumber(Session& session,
                                                    const Owner& owner,
                                                    Given& given) {
  LIMPID_ASSIGN_OR_RETURN(const auto last,
                          Ask(session, "SELECT MAX(number) FROM person", {}));
  const std::int64_t number = last.value_or(0) + 1;
  LIMPID_RETURN_IF_ERROR(
      session
          .Execute(
              "INSERT INTO person (number, shard, person) VALUES ($1, $2, $3)",
              {number, std::int64_t{owner.first}, owner.second.bytes()})
          .status());
  given.numbers.emplace(owner, number);
  return number;
}

void PersonRows::Keep(const Owner& owner, std::int64_t number) const {
  if (numbers_.size() >= kRemembered) numbers_.clear();
  numbers_.emplace(owner, number);
}

void PersonRows::Remember(const Given& given) const {
  const base::MutexLock lock(mutex_);
  for (const auto& [owner, number] : given.numbers) Keep(owner, number);
}

absl::Status PersonRows::Delete(Session& session, const RowKey& key,
                                Given& given) const {
  LIMPID_ASSIGN_OR_RETURN(const auto number,
                          NumberOf(session, OwnerOf(key), given));
  if (!number) return absl::OkStatus();
  return session
      .Execute(
          "DELETE FROM person_row WHERE kind = $1 AND number = $2 "
          "AND id = $3 AND sequence = $4",
          {Number(key.kind), *number, StoredId(key.id), Big(key.sequence)})
      .status();
}

absl::Status PersonRows::Insert(Session& session, const PersonalRow& row,
                                Given& given) const {
  const RowKey& key = row.key;
  LIMPID_ASSIGN_OR_RETURN(auto number, NumberOf(session, OwnerOf(key), given));
  if (!number) {
    LIMPID_ASSIGN_OR_RETURN(number, GiveNumber(session, OwnerOf(key), given));
  }
  LIMPID_ASSIGN_OR_RETURN(const std::int64_t place,
                          PlaceFor(session, key, *number, given));
  return session
      .Execute("INSERT INTO person_row (place, " LIMPID_ROW_COLUMNS
               ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
               {place, std::int64_t{key.shard}, key.person.bytes(),
                Number(key.kind), StoredId(key.id), Big(key.sequence),
                LookupValue(row), std::int64_t{row.state}, row.created_ms,
                DueValue(row), row.payload, *number})
      .status();
}

absl::Status PersonRows::Put(Session& session, const PersonalRow& row,
                             Given& given) const {
  LIMPID_ASSIGN_OR_RETURN(const auto number,
                          NumberOf(session, OwnerOf(row.key), given));
  if (!number) return Insert(session, row, given);
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session.Execute(
          "UPDATE person_row SET lookup = $1, state = $2, created = $3, "
          "due = $4, payload = $5 WHERE kind = $6 AND number = $7 "
          "AND id = $8 AND sequence = $9",
          {LookupValue(row), std::int64_t{row.state}, row.created_ms,
           DueValue(row), row.payload, Number(row.key.kind), *number,
           StoredId(row.key.id), Big(row.key.sequence)}));
  return changed == 0 ? Insert(session, row, given) : absl::OkStatus();
}

absl::StatusOr<std::vector<PersonalRow>> PersonRows::Get(
    Session& session, const RowKey& key) const {
  LIMPID_ASSIGN_OR_RETURN(const auto number, NumberOf(session, OwnerOf(key)));
  if (!number) return std::vector<PersonalRow>();
  // Spares a page of the index.
  if (IsAccountRow(key) && *number <= kMostNumbers) {
    return Collect(session,
                   "SELECT " LIMPID_ROW_COLUMNS
                   " FROM person_row WHERE place = $1",
                   {PlaceOfPerson(*number)}, &ReadPersonalRow);
  }
  return Collect(
      session,
      "SELECT " LIMPID_ROW_COLUMNS
      " FROM person_row WHERE kind = $1 AND number = $2 "
      "AND id = $3 AND sequence = $4",
      {Number(key.kind), *number, StoredId(key.id), Big(key.sequence)},
      &ReadPersonalRow);
}

absl::StatusOr<std::vector<PersonalRow>> PersonRows::Find(
    Session& session, RowKind kind, const RowId& lookup) const {
  std::vector<PersonalRow> out;
  LIMPID_RETURN_IF_ERROR(
      session.Query("SELECT " LIMPID_ROW_COLUMNS
                    " FROM person_row WHERE kind = $1 AND lookup = $2",
                    {Number(kind), lookup}, [&](const Row& row) {
                      out.push_back(ReadPersonalRow(row));
                      // What is read next is hers, most likely.
                      const base::MutexLock lock(mutex_);
                      Keep(OwnerOf(out.back().key), row.Int(kNumberColumn));
                      return absl::OkStatus();
                    }));
  return out;
}

absl::StatusOr<std::vector<PersonalRow>> PersonRows::ListDown(
    Session& session, const RowKey& below, std::size_t limit) const {
  LIMPID_ASSIGN_OR_RETURN(const auto number, NumberOf(session, OwnerOf(below)));
  if (!number) return std::vector<PersonalRow>();
  return Collect(session,
                 "SELECT " LIMPID_ROW_COLUMNS
                 " FROM person_row WHERE kind = $1 AND number = $2 "
                 "AND id = $3 AND sequence < $4 "
                 "ORDER BY sequence DESC LIMIT $5",
                 {Number(below.kind), *number, StoredId(below.id),
                  Big(below.sequence), Big(limit)},
                 &ReadPersonalRow);
}

absl::StatusOr<std::vector<PersonalRow>> PersonRows::ListKind(
    Session& session, const Owner& owner, RowKind kind) const {
  LIMPID_ASSIGN_OR_RETURN(const auto number, NumberOf(session, owner));
  if (!number) return std::vector<PersonalRow>();
  return Collect(session,
                 "SELECT " LIMPID_ROW_COLUMNS
                 " FROM person_row WHERE kind = $1 AND number = $2 "
                 "ORDER BY id, sequence",
                 {Number(kind), *number}, &ReadPersonalRow);
}

// Kind by kind, as the index has them, and only kinds that somebody has: what
// it costs is what it answers, however many rows and kinds there are.
absl::StatusOr<std::vector<RowKey>> PersonRows::ListPerson(
    Session& session, const RowKey& after, std::size_t limit) const {
  LIMPID_ASSIGN_OR_RETURN(const auto number, NumberOf(session, OwnerOf(after)));
  if (!number) return std::vector<RowKey>();
  std::int64_t kind = Number(after.kind);
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<RowKey> out,
      Collect(
          session,
          "SELECT " LIMPID_KEY_COLUMNS
          " FROM person_row WHERE kind = $1 AND number = $2 "
          "AND (id, sequence) > ($3, $4) ORDER BY id, sequence LIMIT $5",
          {kind, *number, StoredId(after.id), Big(after.sequence), Big(limit)},
          &ReadRowKey));
  while (out.size() < limit) {
    LIMPID_ASSIGN_OR_RETURN(const auto next,
                            Ask(session,
                                "SELECT kind FROM person_row WHERE kind > $1 "
                                "ORDER BY kind LIMIT 1",
                                {kind}));
    if (!next) break;
    kind = *next;
    LIMPID_ASSIGN_OR_RETURN(
        const std::vector<RowKey> more,
        Collect(session,
                "SELECT " LIMPID_KEY_COLUMNS
                " FROM person_row WHERE kind = $1 AND number = $2 "
                "ORDER BY id, sequence LIMIT $3",
                {kind, *number, Big(limit - out.size())}, &ReadRowKey));
    out.insert(out.end(), more.begin(), more.end());
  }
  return out;
}

absl::StatusOr<std::vector<RowKey>> PersonRows::Due(Session& session,
                                                    std::int64_t now_ms,
                                                    std::size_t limit) {
  return Collect(session,
                 "SELECT " LIMPID_KEY_COLUMNS
                 " FROM person_row WHERE due IS NOT NULL AND due <= $1 "
                 "ORDER BY due LIMIT $2",
                 {now_ms, Big(limit)}, &ReadRowKey);
}

absl::StatusOr<std::vector<RowKey>> PersonRows::InState(Session& session,
                                                        RowKind kind,
                                                        std::uint8_t state,
                                                        const RowKey& after,
                                                        std::size_t limit) {
  if (kind == RowKind::kDeletionDuty && state <= kLastOpenDuty &&
      after.kind <= kind) {
    return OpenDuties(session, state, after, limit);
  }
  // Person by person: numbers do not sort as keys do. SQLite keeps the order of
  // a CROSS JOIN, and so needs to sort nothing.
  return Collect(
      session,
      "SELECT r.shard, r.person, r.kind, r.id, r.sequence "
      "FROM person p CROSS JOIN person_row r "
      "WHERE (p.shard, p.person) >= ($1, $2) AND r.number = p.number "
      "AND r.kind = $3 AND r.state = $4 "
      "AND (p.shard, p.person, r.kind, r.id, r.sequence) > "
      "($1, $2, $5, $6, $7) "
      "ORDER BY p.shard, p.person, r.id, r.sequence LIMIT $8",
      {std::int64_t{after.shard}, after.person.bytes(), Number(kind),
       std::int64_t{state}, Number(after.kind), StoredId(after.id),
       Big(after.sequence), Big(limit)},
      &ReadRowKey);
}

}  // namespace limpid::consent

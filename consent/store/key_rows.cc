#include "consent/store/key_rows.h"

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "consent/store/places.h"

namespace limpid::consent {
namespace {

using storage::Row;
using storage::Session;
using Wrapped = PersonKeyStore::Wrapped;

// A person's row, or where it would be put.
struct KeyRow {
  std::int64_t place = 0;
  bool there = false;
  bool has_key = false;
  bool has_log_key = false;
};

absl::StatusOr<KeyRow> Locate(Session& session, const PersonId& person) {
  const std::int64_t first = KeyPlaceOf(person);
  KeyRow out;
  std::int64_t free = first;
  LIMPID_RETURN_IF_ERROR(session.Query(
      "SELECT place, person, wrap IS NOT NULL, log_wrap IS NOT NULL "
      "FROM person_keys WHERE place >= $1 AND place < $2 ORDER BY place",
      {first, first + kKeyPlaces}, [&](const Row& row) {
        if (row.Int(0) == free) ++free;
        if (row.Array<16>(1) != person.bytes()) return absl::OkStatus();
        out = {row.Int(0), true, row.Int(2) != 0, row.Int(3) != 0};
        return absl::OkStatus();
      }));
  if (out.there) return out;
  if (free == first + kKeyPlaces) {
    return absl::InternalError("the ids of too many persons begin alike");
  }
  out.place = free;
  return out;
}

absl::StatusOr<std::optional<Wrapped>> ReadOne(Session& session,
                                               std::string_view sql,
                                               const PersonId& person) {
  const std::int64_t first = KeyPlaceOf(person);
  std::optional<Wrapped> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      sql, {first, first + kKeyPlaces, person.bytes()}, [&](const Row& row) {
        out = Wrapped{static_cast<std::uint32_t>(row.Int(0)),
                      base::ToBytes(row.Blob(1))};
        return absl::OkStatus();
      }));
  return out;
}

}  // namespace

absl::Status InsertPersonKey(Session& session, const PersonId& person,
                             const Wrapped& key) {
  LIMPID_ASSIGN_OR_RETURN(const KeyRow row, Locate(session, person));
  if (row.has_key) return absl::AlreadyExistsError("the person has a key");
  if (row.there) {
    return session
        .Execute(
            "UPDATE person_keys SET epoch = $1, wrap = $2 WHERE place = $3",
            {std::int64_t{key.epoch}, key.wrap, row.place})
        .status();
  }
  return session
      .Execute(
          "INSERT INTO person_keys (place, person, epoch, wrap) "
          "VALUES ($1, $2, $3, $4)",
          {row.place, person.bytes(), std::int64_t{key.epoch}, key.wrap})
      .status();
}

absl::StatusOr<bool> PutLogKeyRow(Session& session, const PersonId& person,
                                  const Wrapped& key) {
  LIMPID_ASSIGN_OR_RETURN(const KeyRow row, Locate(session, person));
  if (row.there) {
    LIMPID_RETURN_IF_ERROR(
        session
            .Execute("UPDATE person_keys SET log_epoch = $1, log_wrap = $2 "
                     "WHERE place = $3",
                     {std::int64_t{key.epoch}, key.wrap, row.place})
            .status());
    return row.has_log_key;
  }
  LIMPID_RETURN_IF_ERROR(
      session
          .Execute(
              "INSERT INTO person_keys (place, person, log_epoch, log_wrap) "
              "VALUES ($1, $2, $3, $4)",
              {row.place, person.bytes(), std::int64_t{key.epoch}, key.wrap})
          .status());
  return false;
}

absl::Status DeletePersonKeys(Session& session, const PersonId& person) {
  const std::int64_t first = KeyPlaceOf(person);
  return session
      .Execute(
          "DELETE FROM person_keys WHERE place >= $1 AND place < $2 "
          "AND person = $3",
          {first, first + kKeyPlaces, person.bytes()})
      .status();
}

absl::StatusOr<std::optional<Wrapped>> ReadPersonKey(Session& session,
                                                     const PersonId& person) {
  return ReadOne(session,
                 "SELECT epoch, wrap FROM person_keys WHERE place >= $1 "
                 "AND place < $2 AND person = $3 AND wrap IS NOT NULL",
                 person);
}

absl::StatusOr<std::optional<Wrapped>> ReadLogKey(Session& session,
                                                  const PersonId& person) {
  return ReadOne(session,
                 "SELECT log_epoch, log_wrap FROM person_keys WHERE "
                 "place >= $1 AND place < $2 AND person = $3 "
                 "AND log_wrap IS NOT NULL",
                 person);
}

}  // namespace limpid::consent

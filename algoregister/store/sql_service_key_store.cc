#include "algoregister/store/sql_service_key_store.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

// Columns in the order ReadKey expects.
constexpr std::string_view kPending =
    "SELECT service, number, entry, leaf_index FROM register_service_key "
    "WHERE leaf_index IS NULL ORDER BY place";
constexpr std::string_view kList =
    "SELECT service, number, entry, leaf_index FROM register_service_key "
    "WHERE service = $1 AND number > $2 AND leaf_index IS NOT NULL "
    "ORDER BY number LIMIT $3";

StoredServiceKey ReadKey(const Row& row) {
  StoredServiceKey out;
  out.service = row.Array<base::kIdBytes>(0);
  out.number = static_cast<std::uint32_t>(row.Int(1));
  out.entry = base::ToBytes(row.Blob(2));
  if (!row.IsNull(3)) {
    out.leaf_index = static_cast<std::uint64_t>(row.Int(3));
  }
  return out;
}

absl::Status ReadNumber(Session& session, std::string_view sql,
                        std::span<const Value> values, std::int64_t& out) {
  return session.Query(sql, values, [&out](const Row& row) {
    out = row.Int(0);
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<StoredServiceKey>> ReadKeys(
    storage::Database& database, std::string_view sql,
    std::span<const Value> values) {
  std::vector<StoredServiceKey> out;
  LIMPID_RETURN_IF_ERROR(database.Read([&](Session& session) {
    return session.Query(sql, values, [&out](const Row& row) {
      out.push_back(ReadKey(row));
      return absl::OkStatus();
    });
  }));
  return out;
}

absl::Status Insert(Session& session, const StoredServiceKey& key) {
  std::int64_t place = 0;
  LIMPID_RETURN_IF_ERROR(ReadNumber(
      session, "SELECT COALESCE(MAX(place), 0) FROM register_service_key", {},
      place));
  return session
      .Execute(
          "INSERT INTO register_service_key (service, number, entry, place) "
          "VALUES ($1, $2, $3, $4)",
          {base::ByteView(key.service), static_cast<std::int64_t>(key.number),
           base::ByteView(key.entry), place + 1})
      .status();
}

absl::Status AddOne(Session& session, const StoredServiceKey& key) {
  std::int64_t newest = 0;
  const std::array<Value, 1> service = {base::ByteView(key.service)};
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session,
                 "SELECT COALESCE(MAX(number), 0) FROM register_service_key "
                 "WHERE service = $1",
                 service, newest));
  if (newest + 1 == key.number) return Insert(session, key);
  std::int64_t same = 0;
  const std::array<Value, 3> values = {base::ByteView(key.service),
                                       static_cast<std::int64_t>(key.number),
                                       base::ByteView(key.entry)};
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session,
                 "SELECT COUNT(*) FROM register_service_key WHERE service = $1 "
                 "AND number = $2 AND entry = $3",
                 values, same));
  if (same == 1) return absl::OkStatus();
  return absl::AbortedError("another entry of the service came first");
}

absl::Status MarkOne(Session& session, const ServiceKeyPlace& place) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t marked,
      session.Execute("UPDATE register_service_key SET leaf_index = $1 "
                      "WHERE service = $2 AND number = $3",
                      {static_cast<std::int64_t>(place.leaf_index),
                       base::ByteView(place.service),
                       static_cast<std::int64_t>(place.number)}));
  if (marked == 1) return absl::OkStatus();
  return absl::NotFoundError("no such entry of a service's key");
}

}  // namespace

absl::Status SqlServiceKeyStore::Add(const StoredServiceKey& key) {
  return database_.Write(
      [&key](Session& session) { return AddOne(session, key); });
}

absl::Status SqlServiceKeyStore::MarkLogged(
    std::span<const ServiceKeyPlace> places) {
  return database_.Write([places](Session& session) -> absl::Status {
    for (const ServiceKeyPlace& place : places) {
      LIMPID_RETURN_IF_ERROR(MarkOne(session, place));
    }
    return absl::OkStatus();
  });
}

absl::StatusOr<std::vector<StoredServiceKey>> SqlServiceKeyStore::Pending()
    const {
  return ReadKeys(database_, kPending, {});
}

absl::StatusOr<std::uint64_t> SqlServiceKeyStore::LoggedSize() const {
  std::int64_t out = 0;
  LIMPID_RETURN_IF_ERROR(database_.Read([&out](Session& session) {
    return ReadNumber(
        session,
        "SELECT COALESCE(MAX(leaf_index) + 1, 0) FROM register_service_key", {},
        out);
  }));
  return static_cast<std::uint64_t>(out);
}

absl::StatusOr<std::vector<StoredServiceKey>> SqlServiceKeyStore::List(
    const receipt::ServiceIdBytes& service, std::uint32_t after,
    std::size_t limit) const {
  const std::array<Value, 3> values = {base::ByteView(service),
                                       static_cast<std::int64_t>(after),
                                       static_cast<std::int64_t>(limit)};
  return ReadKeys(database_, kList, values);
}

}  // namespace limpid::algoregister

#include "algoregister/store/sql_reader_store.h"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "algoregister/store/sql_rows.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

constexpr std::string_view kReaderColumns =
    "SELECT r.reader, r.name, r.audiences, r.removed, r.read_count "
    "FROM register_reader r ";

absl::Status ReadCertificates(Session& session, RestrictedReader& reader) {
  return session.Query(
      "SELECT thumbprint FROM register_reader_certificate "
      "WHERE reader = $1 ORDER BY place",
      {base::ByteView(reader.id.bytes())}, [&reader](const Row& row) {
        reader.certificate_thumbprints.push_back(row.Array<32>(0));
        return absl::OkStatus();
      });
}

absl::Status ReadReaders(Session& session, std::string_view where,
                         std::initializer_list<Value> values,
                         std::vector<RestrictedReader>& out) {
  LIMPID_RETURN_IF_ERROR(session.Query(
      std::string(kReaderColumns) + std::string(where), values,
      [&out](const Row& row) {
        RestrictedReader& reader = out.emplace_back();
        reader.id = RestrictedReaderId(row.Array<base::kIdBytes>(0));
        reader.name = std::string(row.Text(1));
        reader.audiences = absl::StrSplit(base::ToAbsl(row.Text(2)), ' ');
        reader.removed = row.Int(3) != 0;
        reader.read_count = static_cast<std::uint64_t>(row.Int(4));
        return absl::OkStatus();
      }));
  for (RestrictedReader& reader : out) {
    LIMPID_RETURN_IF_ERROR(ReadCertificates(session, reader));
  }
  return absl::OkStatus();
}

absl::Status CheckRoom(Session& session) {
  std::int64_t count = 0;
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session, "SELECT COUNT(*) FROM register_reader", {}, count));
  if (count < static_cast<std::int64_t>(kMaxReaders)) return absl::OkStatus();
  return absl::ResourceExhaustedError("there are too many readers");
}

absl::Status InsertReader(Session& session, const RestrictedReader& reader,
                          base::ByteView request) {
  const std::string audiences = absl::StrJoin(reader.audiences, " ");
  const base::ByteView id(reader.id.bytes());
  LIMPID_RETURN_IF_ERROR(
      session
          .Execute("INSERT INTO register_reader (reader, request, name, "
                   "audiences, removed, read_count) "
                   "VALUES ($1, $2, $3, $4, 0, 0)",
                   {id, request, reader.name, audiences})
          .status());
  std::int64_t place = 0;
  for (const base::Digest32& thumbprint : reader.certificate_thumbprints) {
    LIMPID_ASSIGN_OR_RETURN(
        const std::int64_t inserted,
        session.Execute("INSERT INTO register_reader_certificate (thumbprint, "
                        "reader, place) VALUES ($1, $2, $3) "
                        "ON CONFLICT DO NOTHING",
                        {base::ByteView(thumbprint), id, place++}));
    if (inserted != 1) {
      return absl::AlreadyExistsError(
          "a certificate belongs to another reader");
    }
  }
  return absl::OkStatus();
}

absl::Status CreateReader(Session& session, const RestrictedReader& reader,
                          base::ByteView request,
                          std::vector<RestrictedReader>& made) {
  LIMPID_RETURN_IF_ERROR(
      ReadReaders(session, "WHERE r.request = $1", {request}, made));
  if (!made.empty()) return absl::OkStatus();
  LIMPID_RETURN_IF_ERROR(CheckRoom(session));
  return InsertReader(session, reader, request);
}

absl::Status ChangeOne(storage::Database& database, std::string_view sql,
                       const RestrictedReaderId& id) {
  return database.Write([&](Session& session) -> absl::Status {
    LIMPID_ASSIGN_OR_RETURN(const std::int64_t changed,
                            session.Execute(sql, {base::ByteView(id.bytes())}));
    if (changed != 1) return absl::NotFoundError("no such reader");
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<RestrictedReader> SqlReaderStore::Create(
    const RestrictedReader& reader,
    const base::ByteArray<base::kIdBytes>& request) {
  std::vector<RestrictedReader> made;
  LIMPID_RETURN_IF_ERROR(database_.Write([&](Session& session) {
    return CreateReader(session, reader, request, made);
  }));
  return made.empty() ? reader : std::move(made.front());
}

absl::Status SqlReaderStore::Remove(const RestrictedReaderId& id) {
  return ChangeOne(database_,
                   "UPDATE register_reader SET removed = 1 WHERE reader = $1",
                   id);
}

absl::StatusOr<RestrictedReader> SqlReaderStore::FindByCertificate(
    const base::Digest32& thumbprint) const {
  std::vector<RestrictedReader> found;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return ReadReaders(session,
                       "JOIN register_reader_certificate c "
                       "ON c.reader = r.reader "
                       "WHERE c.thumbprint = $1 AND r.removed = 0",
                       {base::ByteView(thumbprint)}, found);
  }));
  if (found.empty()) return absl::NotFoundError("no such reader");
  return std::move(found.front());
}

absl::Status SqlReaderStore::Count(const RestrictedReaderId& id) {
  return ChangeOne(database_,
                   "UPDATE register_reader SET read_count = read_count + 1 "
                   "WHERE reader = $1",
                   id);
}

absl::StatusOr<std::vector<RestrictedReader>> SqlReaderStore::List() const {
  std::vector<RestrictedReader> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return ReadReaders(session, "ORDER BY r.reader", {}, out);
  }));
  return out;
}

}  // namespace limpid::algoregister

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/store/sql_registration_store.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/ed25519.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

constexpr std::int64_t kCertificate = 1;
constexpr std::int64_t kSigningKey = 2;

absl::Status InsertKey(Session& session, std::int64_t use, base::ByteView key,
                       const PublisherId& owner, std::int64_t place) {
  const auto inserted = session.Execute(
      "INSERT INTO register_publisher_key (use_of_key, key_bytes, publisher, "
      "place) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
      {use, key, base::ByteView(owner.bytes()), place});
  if (!inserted.ok()) return inserted.status();
  return *inserted == 1
             ? absl::OkStatus()
             : absl::AlreadyExistsError("a key belongs to another publisher");
}

absl::Status InsertKeys(Session& session, const Publisher& publisher) {
  std::int64_t place = 0;
  for (const base::Digest32& key : publisher.certificate_thumbprints) {
    LIMPID_RETURN_IF_ERROR(
        InsertKey(session, kCertificate, key, publisher.id, place++));
  }
  for (const crypto::Ed25519PublicKey& key : publisher.signing_keys) {
    LIMPID_RETURN_IF_ERROR(
        InsertKey(session, kSigningKey, key.bytes, publisher.id, place++));
  }
  return absl::OkStatus();
}

absl::Status ReadKeys(Session& session, Publisher& publisher) {
  return session.Query(
      "SELECT use_of_key, key_bytes FROM register_publisher_key "
      "WHERE publisher = $1 ORDER BY use_of_key, place",
      {base::ByteView(publisher.id.bytes())}, [&publisher](const Row& row) {
        if (row.Int(0) == kCertificate) {
          publisher.certificate_thumbprints.push_back(row.Array<32>(1));
        } else {
          publisher.signing_keys.push_back({.bytes = row.Array<32>(1)});
        }
        return absl::OkStatus();
      });
}

absl::Status ReadPublishers(Session& session, std::string_view sql,
                            std::span<const Value> values,
                            std::vector<Publisher>& out) {
  LIMPID_RETURN_IF_ERROR(session.Query(sql, values, [&out](const Row& row) {
    out.push_back({.id = PublisherId(row.Array<base::kIdBytes>(0)),
                   .name = std::string(row.Text(1)),
                   .importer = row.Int(2) != 0,
                   .certificate_thumbprints = {},
                   .signing_keys = {}});
    return absl::OkStatus();
  }));
  for (Publisher& publisher : out) {
    LIMPID_RETURN_IF_ERROR(ReadKeys(session, publisher));
  }
  return absl::OkStatus();
}

absl::StatusOr<Publisher> FindByKey(const storage::Database& database,
                                    std::int64_t use, base::ByteView key) {
  std::vector<Publisher> found;
  const std::array<Value, 2> values = {use, key};
  LIMPID_RETURN_IF_ERROR(database.Read([&](Session& session) {
    return ReadPublishers(
        session,
        "SELECT p.publisher, p.name, p.importer FROM register_publisher p "
        "JOIN register_publisher_key k ON k.publisher = p.publisher "
        "WHERE k.use_of_key = $1 AND k.key_bytes = $2",
        values, found);
  }));
  if (found.empty()) return absl::NotFoundError("no such publisher");
  return std::move(found.front());
}

}  // namespace

absl::StatusOr<Publisher> SqlPublisherStore::Create(
    const Publisher& publisher,
    const base::ByteArray<base::kIdBytes>& request) {
  std::vector<Publisher> made;
  const std::array<Value, 1> by_request = {base::ByteView(request)};
  const absl::Status written =
      database_.Write([&](Session& session) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(ReadPublishers(
            session,
            "SELECT publisher, name, importer FROM register_publisher "
            "WHERE request = $1",
            by_request, made));
        if (!made.empty()) return absl::OkStatus();
        LIMPID_RETURN_IF_ERROR(
            session
                .Execute("INSERT INTO register_publisher (publisher, request, "
                         "name, importer) VALUES ($1, $2, $3, $4)",
                         {base::ByteView(publisher.id.bytes()),
                          base::ByteView(request), publisher.name,
                          static_cast<std::int64_t>(publisher.importer)})
                .status());
        return InsertKeys(session, publisher);
      });
  LIMPID_RETURN_IF_ERROR(written);
  return made.empty() ? publisher : made.front();
}

absl::Status SqlPublisherStore::Update(const Publisher& publisher) {
  return database_.Write([&](Session& session) -> absl::Status {
    const base::ByteView id(publisher.id.bytes());
    LIMPID_ASSIGN_OR_RETURN(
        const std::int64_t changed,
        session.Execute("UPDATE register_publisher SET name = $1, "
                        "importer = $2 WHERE publisher = $3",
                        {publisher.name,
                         static_cast<std::int64_t>(publisher.importer), id}));
    if (changed != 1) return absl::NotFoundError("no such publisher");
    LIMPID_RETURN_IF_ERROR(
        session
            .Execute("DELETE FROM register_publisher_key WHERE publisher = $1",
                     {id})
            .status());
    return InsertKeys(session, publisher);
  });
}

absl::StatusOr<Publisher> SqlPublisherStore::FindByCertificate(
    const base::Digest32& thumbprint) const {
  return FindByKey(database_, kCertificate, thumbprint);
}

absl::StatusOr<Publisher> SqlPublisherStore::FindBySigningKey(
    const crypto::Ed25519PublicKey& key) const {
  return FindByKey(database_, kSigningKey, key.bytes);
}

absl::StatusOr<std::vector<Publisher>> SqlPublisherStore::List(
    const std::optional<PublisherId>& after, std::size_t limit) const {
  const PublisherId from = after ? *after : PublisherId();
  const std::array<Value, 2> values = {base::ByteView(from.bytes()),
                                       static_cast<std::int64_t>(limit)};
  std::vector<Publisher> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return ReadPublishers(
        session,
        "SELECT publisher, name, importer FROM register_publisher "
        "WHERE publisher > $1 ORDER BY publisher LIMIT $2",
        values, out);
  }));
  return out;
}

}  // namespace limpid::algoregister

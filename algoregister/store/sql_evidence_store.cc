#include "algoregister/store/sql_evidence_store.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/upload/evidence_store.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

absl::Status ReadNumber(Session& session, std::string_view sql,
                        std::initializer_list<Value> values,
                        std::int64_t& out) {
  return session.Query(sql, values, [&out](const Row& row) {
    out = row.Int(0);
    return absl::OkStatus();
  });
}

absl::Status AddOne(Session& session, const StoredBundle& bundle,
                    std::int64_t quota_bytes) {
  std::int64_t there = 0;
  LIMPID_RETURN_IF_ERROR(ReadNumber(
      session, "SELECT COUNT(*) FROM register_evidence WHERE digest = $1",
      {base::ByteView(bundle.digest)}, there));
  if (there > 0) return absl::OkStatus();
  // Sizes have a column, so that no bundle is read to add them up.
  std::int64_t stored = 0;
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session,
                 "SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM "
                 "register_evidence WHERE publisher = $1",
                 {base::ByteView(bundle.publisher.bytes())}, stored));
  const auto size = static_cast<std::int64_t>(bundle.bytes.size());
  if (stored + size > quota_bytes) {
    return absl::ResourceExhaustedError("the publisher's bundles are too many");
  }
  return session
      .Execute(
          "INSERT INTO register_evidence (digest, publisher, added_ms, "
          "size_bytes, bytes) VALUES ($1, $2, $3, $4, $5)",
          {base::ByteView(bundle.digest),
           base::ByteView(bundle.publisher.bytes()),
           absl::ToUnixMillis(bundle.added), size,
           base::ByteView(bundle.bytes)})
      .status();
}

}  // namespace

absl::Status SqlEvidenceStore::Add(const StoredBundle& bundle,
                                   std::int64_t quota_bytes) {
  return database_.Write([&bundle, quota_bytes](Session& session) {
    return AddOne(session, bundle, quota_bytes);
  });
}

absl::StatusOr<StoredBundle> SqlEvidenceStore::Get(
    const base::Digest32& digest) const {
  std::optional<StoredBundle> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(
        "SELECT publisher, added_ms, bytes FROM register_evidence "
        "WHERE digest = $1",
        {base::ByteView(digest)}, [&](const Row& row) {
          out.emplace();
          out->digest = digest;
          out->publisher = PublisherId(row.Array<base::kIdBytes>(0));
          out->added = absl::FromUnixMillis(row.Int(1));
          out->bytes = base::ToBytes(row.Blob(2));
          return absl::OkStatus();
        });
  }));
  if (!out) return absl::NotFoundError("no such bundle");
  return *std::move(out);
}

}  // namespace limpid::algoregister

#include "algoregister/store/sql_evidence_store.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

constexpr std::string_view kColumns =
    "SELECT publisher, added_ms, bytes, erased_ms, ground, role "
    "FROM register_evidence WHERE digest = $1";

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
      session,
      "SELECT COUNT(*) FROM register_evidence WHERE digest = $1 AND erased_ms "
      "IS NOT NULL",
      {base::ByteView(bundle.digest)}, there));
  if (there > 0) {
    return absl::FailedPreconditionError("the bundle was erased");
  }
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

StoredBundle ReadBundle(const base::Digest32& digest, const Row& row) {
  constexpr int kErased = 3;
  constexpr int kGround = 4;
  constexpr int kRole = 5;
  StoredBundle out;
  out.digest = digest;
  out.publisher = PublisherId(row.Array<base::kIdBytes>(0));
  out.added = absl::FromUnixMillis(row.Int(1));
  out.bytes = base::ToBytes(row.Blob(2));
  if (!row.IsNull(kErased)) {
    out.erasure =
        BundleErasure{.digest = digest,
                      .time = absl::FromUnixMillis(row.Int(kErased)),
                      .ground = std::string(row.Text(kGround)),
                      .role = static_cast<ErasureRole>(row.Int(kRole))};
  }
  return out;
}

absl::Status Find(Session& session, const base::Digest32& digest,
                  std::optional<StoredBundle>& out) {
  return session.Query(kColumns, {base::ByteView(digest)}, [&](const Row& row) {
    out = ReadBundle(digest, row);
    return absl::OkStatus();
  });
}

// Leaves the first erasure as it is.
absl::Status EraseOne(Session& session, const BundleErasure& erasure) {
  return session
      .Execute(
          "UPDATE register_evidence SET bytes = $1, size_bytes = 0, "
          "erased_ms = $2, ground = $3, role = $4 "
          "WHERE digest = $5 AND erased_ms IS NULL",
          {base::ByteView(), absl::ToUnixMillis(erasure.time), erasure.ground,
           static_cast<std::int64_t>(erasure.role),
           base::ByteView(erasure.digest)})
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
  LIMPID_RETURN_IF_ERROR(database_.Read(
      [&](Session& session) { return Find(session, digest, out); }));
  if (!out) return absl::NotFoundError("no such bundle");
  return *std::move(out);
}

absl::StatusOr<BundleErasure> SqlEvidenceStore::Erase(
    const BundleErasure& erasure) {
  std::optional<StoredBundle> left;
  const auto erase = [&](Session& session) -> absl::Status {
    left.reset();
    LIMPID_RETURN_IF_ERROR(EraseOne(session, erasure));
    return Find(session, erasure.digest, left);
  };
  LIMPID_RETURN_IF_ERROR(database_.Write(erase));
  if (!left || !left->erasure) return absl::NotFoundError("no such bundle");
  // The write-ahead log holds pages from before.
  LIMPID_RETURN_IF_ERROR(database_.Checkpoint());
  return *left->erasure;
}

}  // namespace limpid::algoregister

// Erasing of SqlRegistrationStore: the row loses the field, and what was
// derived from it follows in the same transaction.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/store/field_codec.h"
#include "algoregister/store/link_rows.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_rows.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

absl::StatusOr<Version> VisibleVersion(Session& session,
                                       const FieldErasure& erasure) {
  std::optional<Version> out;
  LIMPID_RETURN_IF_ERROR(
      session.Query(std::string(kVersionColumns) +
                        "WHERE registration = $1 AND number = $2 AND kind = $3 "
                        "AND leaf_index IS NOT NULL",
                    {base::ByteView(erasure.registration.bytes),
                     static_cast<std::int64_t>(erasure.number),
                     Number64(erasure.registration.kind)},
                    [&out](const Row& row) -> absl::Status {
                      LIMPID_ASSIGN_OR_RETURN(out, ReadVersion(row));
                      return absl::OkStatus();
                    }));
  if (!out) return absl::NotFoundError("no such version");
  return *std::move(out);
}

// Whether the record is new.
absl::StatusOr<bool> Record(Session& session, const FieldErasure& erasure) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      session.Execute(
          "INSERT INTO register_erasure (registration, number, pointer, kind, "
          "erased_ms, ground, role) VALUES ($1, $2, $3, $4, $5, $6, $7) "
          "ON CONFLICT DO NOTHING",
          {base::ByteView(erasure.registration.bytes),
           static_cast<std::int64_t>(erasure.number), erasure.pointer,
           Number64(erasure.registration.kind),
           absl::ToUnixMillis(erasure.time), erasure.ground,
           Number64(erasure.role)}));
  return inserted == 1;
}

// Where they are: in the version's body, or in the row of one without.
absl::Status RewriteFields(Session& session, const Version& version) {
  const std::string fields = EncodeFields(version.fields);
  const base::ByteView id(version.registration.bytes);
  const auto number = static_cast<std::int64_t>(version.number);
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t bodies,
      session.Execute("UPDATE register_version_body SET fields = $1 "
                      "WHERE place = (SELECT place FROM register_version "
                      "WHERE registration = $2 AND number = $3)",
                      {fields, id, number}));
  if (bodies == 1) return absl::OkStatus();
  return session
      .Execute(
          "UPDATE register_version SET fields = $1 "
          "WHERE registration = $2 AND number = $3",
          {fields, id, number})
      .status();
}

// Writes the row without the field, and the head and its derived rows when it
// is the newest.
absl::Status Rewrite(Session& session, const Version& version) {
  const json::Value content = ContentOf(version);
  const std::string title = ListTitleOf(content);
  const std::string title_key = FoldTitle(title);
  const auto organisation = OrganisationOf(content);
  Value owner;
  if (organisation) owner = base::ByteView(organisation->bytes);
  const base::ByteView id(version.registration.bytes);
  const auto number = static_cast<std::int64_t>(version.number);
  LIMPID_RETURN_IF_ERROR(
      session
          .Execute("UPDATE register_version SET title = $1, title_key = $2, "
                   "organisation = $3 WHERE registration = $4 AND number = $5",
                   {title, base::AsBytes(title_key), owner, id, number})
          .status());
  LIMPID_RETURN_IF_ERROR(RewriteFields(session, version));
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t is_head,
      session.Execute("UPDATE register_head SET title = $1, title_key = $2, "
                      "organisation = $3 "
                      "WHERE registration = $4 AND number = $5",
                      {title, base::AsBytes(title_key), owner, id, number}));
  if (is_head == 0) return absl::OkStatus();
  return WriteDerived(session, version.registration, version.number);
}

// Foreign ids that no version of `registration` names any more.
absl::Status DropStaleAliases(Session& session,
                              const RegistrationId& registration) {
  const base::ByteView id(registration.bytes);
  std::set<Alias> kept;
  LIMPID_RETURN_IF_ERROR(session.Query(
      std::string(kFieldsColumn) + "WHERE registration = $1", {id},
      [&kept](const Row& row) -> absl::Status {
        Version version;
        LIMPID_ASSIGN_OR_RETURN(version.fields, DecodeFields(row.Text(0)));
        for (Alias& alias : AliasesOf(ContentOf(version))) {
          kept.insert(std::move(alias));
        }
        return absl::OkStatus();
      }));
  std::vector<Alias> stored;
  LIMPID_RETURN_IF_ERROR(session.Query(
      "SELECT scheme, foreign_id FROM register_alias WHERE registration = $1",
      {id}, [&stored](const Row& row) {
        stored.push_back({std::string(row.Text(0)), std::string(row.Text(1))});
        return absl::OkStatus();
      }));
  for (const Alias& alias : stored) {
    if (kept.contains(alias)) continue;
    LIMPID_RETURN_IF_ERROR(session
                               .Execute("DELETE FROM register_alias "
                                        "WHERE scheme = $1 AND foreign_id = $2",
                                        {alias.scheme, alias.id})
                               .status());
  }
  return absl::OkStatus();
}

absl::Status EraseOne(Session& session, const FieldErasure& erasure) {
  LIMPID_ASSIGN_OR_RETURN(Version version, VisibleVersion(session, erasure));
  LIMPID_ASSIGN_OR_RETURN(const bool is_new, Record(session, erasure));
  const auto gone = std::remove_if(version.fields.begin(), version.fields.end(),
                                   [&erasure](const FieldDisclosure& field) {
                                     return field.pointer == erasure.pointer;
                                   });
  if (gone == version.fields.end()) {
    return is_new ? absl::NotFoundError("no such field in the version")
                  : absl::OkStatus();
  }
  version.fields.erase(gone, version.fields.end());
  LIMPID_RETURN_IF_ERROR(Rewrite(session, version));
  if (erasure.pointer != "/aliases") return absl::OkStatus();
  return DropStaleAliases(session, version.registration);
}

absl::Status EraseAll(Session& session,
                      std::span<const FieldErasure> erasures) {
  for (const FieldErasure& erasure : erasures) {
    LIMPID_RETURN_IF_ERROR(EraseOne(session, erasure));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status SqlRegistrationStore::EraseFields(
    std::span<const FieldErasure> erasures) {
  LIMPID_RETURN_IF_ERROR(database_.Write(
      [erasures](Session& session) { return EraseAll(session, erasures); }));
  // The write-ahead log holds pages from before.
  return database_.Checkpoint();
}

absl::StatusOr<std::vector<FieldErasure>> SqlRegistrationStore::Erasures(
    const RegistrationId& registration) const {
  std::vector<FieldErasure> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(
        "SELECT number, pointer, erased_ms, ground, role FROM "
        "register_erasure WHERE registration = $1 AND kind = $2 "
        "ORDER BY number, pointer",
        {base::ByteView(registration.bytes), Number64(registration.kind)},
        [&](const Row& row) {
          out.push_back({.registration = registration,
                         .number = static_cast<std::uint32_t>(row.Int(0)),
                         .pointer = std::string(row.Text(1)),
                         .time = absl::FromUnixMillis(row.Int(2)),
                         .ground = std::string(row.Text(3)),
                         .role = static_cast<ErasureRole>(row.Int(4))});
          return absl::OkStatus();
        });
  }));
  return out;
}

}  // namespace limpid::algoregister

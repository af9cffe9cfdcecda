// The writing half of SqlRegistrationStore.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/bridge/snapshots.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/store/field_codec.h"
#include "algoregister/store/link_rows.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_rows.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Session;
using storage::Value;

// Inserts an owner for a unique key, or checks that it is the same one.
absl::Status ClaimAlias(Session& session, const Alias& alias,
                        const RegistrationId& owner) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      session.Execute(
          "INSERT INTO register_alias (scheme, foreign_id, kind, registration)"
          " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
          {alias.scheme, alias.id, Number64(owner.kind),
           base::ByteView(owner.bytes)}));
  if (inserted == 1) return absl::OkStatus();
  const std::array<Value, 3> values = {alias.scheme, alias.id,
                                       base::ByteView(owner.bytes)};
  std::int64_t same = 0;
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session,
                 "SELECT COUNT(*) FROM register_alias WHERE scheme = $1 AND "
                 "foreign_id = $2 AND registration = $3",
                 values, same));
  if (same == 1) return absl::OkStatus();
  return absl::AlreadyExistsError("an alias belongs to another registration");
}

absl::Status ClaimSnapshot(Session& session, const SnapshotId& snapshot,
                           const RegistrationId& owner) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t inserted,
      session.Execute(
          "INSERT INTO register_snapshot (snapshot, kind, registration) "
          "VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
          {base::ByteView(snapshot.bytes()), Number64(owner.kind),
           base::ByteView(owner.bytes)}));
  if (inserted == 1) return absl::OkStatus();
  const std::array<Value, 2> values = {base::ByteView(snapshot.bytes()),
                                       base::ByteView(owner.bytes)};
  std::int64_t same = 0;
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session,
                 "SELECT COUNT(*) FROM register_snapshot WHERE snapshot = $1 "
                 "AND registration = $2",
                 values, same));
  if (same == 1) return absl::OkStatus();
  return absl::AlreadyExistsError("a snapshot belongs to another dataset");
}

// Whether this very version is stored; kAborted if it does not follow.
absl::StatusOr<bool> IsStored(Session& session, const Version& version) {
  std::int64_t newest = 0;
  const std::array<Value, 1> id = {base::ByteView(version.registration.bytes)};
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session,
                 "SELECT COALESCE(MAX(number), 0) FROM register_version "
                 "WHERE registration = $1",
                 id, newest));
  if (newest + 1 == version.number) return false;
  const std::array<Value, 3> values = {
      base::ByteView(version.registration.bytes),
      static_cast<std::int64_t>(version.number), base::ByteView(version.leaf)};
  std::int64_t same = 0;
  LIMPID_RETURN_IF_ERROR(
      ReadNumber(session,
                 "SELECT COUNT(*) FROM register_version v "
                 "LEFT JOIN register_version_body b ON b.place = v.place "
                 "WHERE registration = $1 AND number = $2 AND "
                 "COALESCE(b.leaf, v.leaf) = $3",
                 values, same));
  if (same == 1) return true;
  return absl::AbortedError("another version was published since");
}

// The longest part of a version by far, in a row that marking leaves alone.
absl::Status InsertBody(Session& session, const Version& version,
                        std::int64_t place) {
  const std::string fields = EncodeFields(version.fields);
  return session
      .Execute(
          "INSERT INTO register_version_body (place, leaf, fields) "
          "VALUES ($1, $2, $3)",
          {place, base::ByteView(version.leaf), fields})
      .status();
}

absl::Status InsertVersion(Session& session, const Version& version,
                           const json::Value& content, std::int64_t place) {
  LIMPID_RETURN_IF_ERROR(InsertBody(session, version, place));
  const std::string title = ListTitleOf(content);
  const std::string title_key = FoldTitle(title);
  const auto organisation = OrganisationOf(content);
  Value owner;
  if (organisation) owner = base::ByteView(organisation->bytes);
  return session
      .Execute(
          "INSERT INTO register_version (registration, number, kind, state, "
          "role, draft_ms, publisher, leaf, leaf_hash, fields, title, "
          "title_key, organisation, place) VALUES ($1, $2, $3, $4, $5, $6, "
          "$7, $8, $9, $10, $11, $12, $13, $14)",
          {base::ByteView(version.registration.bytes),
           static_cast<std::int64_t>(version.number),
           Number64(version.registration.kind), Number64(version.state),
           Number64(version.author_role),
           absl::ToUnixMillis(version.draft_time),
           base::ByteView(version.publisher.bytes()), base::ByteView(),
           base::ByteView(version.leaf_hash), std::string_view(), title,
           base::AsBytes(title_key), owner, place})
      .status();
}

absl::Status AddOne(Session& session, const NewVersion& next,
                    std::int64_t place) {
  const Version& version = next.version();
  const json::Value& content = next.content();
  LIMPID_ASSIGN_OR_RETURN(const bool stored, IsStored(session, version));
  if (stored) return absl::OkStatus();
  for (const Alias& alias : AliasesOf(content)) {
    LIMPID_RETURN_IF_ERROR(ClaimAlias(session, alias, version.registration));
  }
  for (const Snapshot& snapshot : SnapshotsOf(content)) {
    LIMPID_RETURN_IF_ERROR(
        ClaimSnapshot(session, snapshot.id, version.registration));
  }
  return InsertVersion(session, version, content, place);
}

// Moves the head to a version that became visible, and tells whether it moved:
// marking an older version again must not take it back. The derived rows follow
// in the same transaction, by today's rules.
absl::StatusOr<bool> MoveHead(Session& session, const LogPlace& place) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t moved,
      session.Execute(
          "INSERT INTO register_head (registration, number, kind, state, "
          "draft_ms, title, title_key, organisation, link_rules) "
          "SELECT registration, number, kind, state, draft_ms, title, "
          "title_key, organisation, $1 FROM register_version "
          "WHERE registration = $2 AND number = $3 "
          "ON CONFLICT (registration) DO UPDATE SET number = excluded.number, "
          "state = excluded.state, draft_ms = excluded.draft_ms, "
          "title = excluded.title, title_key = excluded.title_key, "
          "organisation = excluded.organisation, "
          "link_rules = excluded.link_rules "
          "WHERE register_head.number < excluded.number",
          {kLinkRules, base::ByteView(place.registration.bytes),
           static_cast<std::int64_t>(place.number)}));
  return moved == 1;
}

absl::Status MarkOne(Session& session, const LogPlace& place) {
  const base::ByteView id(place.registration.bytes);
  const auto number = static_cast<std::int64_t>(place.number);
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t marked,
      session.Execute("UPDATE register_version SET leaf_index = $1, "
                      "logged_ms = COALESCE(logged_ms, $2) "
                      "WHERE registration = $3 AND number = $4",
                      {static_cast<std::int64_t>(place.leaf_index),
                       absl::ToUnixMillis(place.logged_time), id, number}));
  if (marked != 1) return absl::NotFoundError("no such version");
  LIMPID_ASSIGN_OR_RETURN(const bool moved, MoveHead(session, place));
  if (!moved) return absl::OkStatus();
  if (place.content == nullptr) {
    return WriteDerived(session, place.registration, place.number);
  }
  // Before its first version a registration has none to replace.
  if (place.number > 1) {
    LIMPID_RETURN_IF_ERROR(DropLinks(session, place.registration));
  }
  return AddLinks(session, place.registration, *place.content);
}

}  // namespace

absl::Status SqlRegistrationStore::Add(std::span<const NewVersion> versions) {
  return database_.Write([versions](Session& session) -> absl::Status {
    std::int64_t place = 0;
    LIMPID_RETURN_IF_ERROR(ReadNumber(
        session, "SELECT COALESCE(MAX(place), 0) FROM register_version", {},
        place));
    for (const NewVersion& version : versions) {
      LIMPID_RETURN_IF_ERROR(AddOne(session, version, ++place));
    }
    return absl::OkStatus();
  });
}

absl::Status SqlRegistrationStore::MarkLogged(
    std::span<const LogPlace> places) {
  return database_.Write([places](Session& session) -> absl::Status {
    for (const LogPlace& place : places) {
      LIMPID_RETURN_IF_ERROR(MarkOne(session, place));
    }
    return absl::OkStatus();
  });
}

}  // namespace limpid::algoregister

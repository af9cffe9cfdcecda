// Links of SqlRegistrationStore: written with heads, read by what they point
// at.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/links/link.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/store/field_codec.h"
#include "algoregister/store/link_rows.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_rows.h"
#include "algoregister/version/version.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

// Links of a kind with one of two keys, of newest versions.
constexpr std::string_view kReferrers =
    "SELECT DISTINCT h.registration, h.number, h.kind, h.state, h.draft_ms, "
    "h.title, h.organisation, l.pointer, h.title_key FROM register_link l "
    "JOIN register_head h ON h.registration = l.registration "
    "WHERE l.link = $1 AND l.target_key IN ($2, $3) "
    "AND h.kind >= $4 AND h.kind <= $5 AND h.state <= $6 "
    "AND (h.title_key, h.registration, l.pointer) > ($7, $8, $9) "
    "ORDER BY h.title_key, h.registration, l.pointer LIMIT $10";

struct HeadPlace {
  RegistrationId registration;
  std::uint32_t number = 0;
};

absl::StatusOr<std::vector<HeadPlace>> Unfilled(Session& session,
                                                std::size_t limit) {
  std::vector<HeadPlace> out;
  LIMPID_RETURN_IF_ERROR(session.Query(
      "SELECT kind, registration, number FROM register_head "
      "WHERE COALESCE(link_rules, 0) < $1 ORDER BY registration LIMIT $2",
      {kLinkRules, static_cast<std::int64_t>(limit)},
      [&out](const Row& row) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const RegistrationId id, ReadId(row, 0, 1));
        out.push_back({.registration = id,
                       .number = static_cast<std::uint32_t>(row.Int(2))});
        return absl::OkStatus();
      }));
  return out;
}

absl::Status FillSome(Session& session, std::size_t limit,
                      std::size_t& filled) {
  LIMPID_ASSIGN_OR_RETURN(const std::vector<HeadPlace> heads,
                          Unfilled(session, limit));
  for (const HeadPlace& head : heads) {
    LIMPID_RETURN_IF_ERROR(
        WriteDerived(session, head.registration, head.number));
  }
  filled = heads.size();
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteDerived(Session& session, const RegistrationId& registration,
                          std::uint32_t number) {
  const base::ByteView id(registration.bytes);
  Version version;
  LIMPID_RETURN_IF_ERROR(session.Query(
      std::string(kFieldsColumn) + "WHERE registration = $1 AND number = $2",
      {id, static_cast<std::int64_t>(number)},
      [&version](const Row& row) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(version.fields, DecodeFields(row.Text(0)));
        return absl::OkStatus();
      }));
  LIMPID_RETURN_IF_ERROR(DropLinks(session, registration));
  LIMPID_RETURN_IF_ERROR(AddLinks(session, registration, ContentOf(version)));
  return session
      .Execute(
          "UPDATE register_head SET link_rules = $1 WHERE registration = $2",
          {kLinkRules, id})
      .status();
}

absl::Status DropLinks(Session& session, const RegistrationId& registration) {
  return session
      .Execute("DELETE FROM register_link WHERE registration = $1",
               {base::ByteView(registration.bytes)})
      .status();
}

absl::Status AddLinks(Session& session, const RegistrationId& registration,
                      const json::Value& content) {
  const base::ByteView id(registration.bytes);
  for (const Link& link : LinksOf(content)) {
    LIMPID_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO register_link (registration, link, pointer, "
                     "target_key) VALUES ($1, $2, $3, $4)",
                     {id, Number64(link.kind), link.pointer,
                      base::AsBytes(link.key)})
            .status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Referrer>> SqlRegistrationStore::Referrers(
    const LinkQuery& query, const std::optional<ReferrerCursor>& after,
    std::size_t limit) const {
  LIMPID_CHECK(!query.keys.empty() && query.keys.size() <= 2);
  const ReferrerCursor from = after ? *after : ReferrerCursor();
  const std::int64_t first_kind = query.source ? Number64(*query.source) : 0;
  const std::int64_t last_kind =
      query.source ? Number64(*query.source)
                   : Number64(receipt::kRegistrationKinds.back());
  std::vector<Referrer> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(
        kReferrers,
        {Number64(query.kind), base::AsBytes(query.keys.front()),
         base::AsBytes(query.keys.back()), first_kind, last_kind,
         Number64(query.include_retired ? RegistrationState::kRetired
                                        : RegistrationState::kActive),
         base::AsBytes(from.title_key), base::ByteView(from.registration.bytes),
         from.pointer, static_cast<std::int64_t>(limit)},
        [&out](const Row& row) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(Head head, ReadHead(row));
          out.push_back(
              {.head = std::move(head), .pointer = std::string(row.Text(7))});
          return absl::OkStatus();
        });
  }));
  return out;
}

absl::StatusOr<std::size_t> SqlRegistrationStore::FillLinks(std::size_t limit) {
  std::size_t filled = 0;
  LIMPID_RETURN_IF_ERROR(database_.Write(
      [&](Session& session) { return FillSome(session, limit, filled); }));
  return filled;
}

}  // namespace limpid::algoregister

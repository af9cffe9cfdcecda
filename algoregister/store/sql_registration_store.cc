#include "algoregister/store/sql_registration_store.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/store/sql_rows.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

// The list filter, with kinds, states and titles as ranges that match
// everything when they are wide.
constexpr std::string_view kHeadFilter =
    "WHERE kind >= $1 AND kind <= $2 AND state <= $3 "
    "AND title_key >= $4 AND title_key < $5 ";

// One statement text. There are few, since only constants go in.
std::string Sql(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

// Bounds of kHeadFilter. Owns the texts that the values view.
struct FilterBounds {
  std::int64_t first_kind = 0;
  std::int64_t last_kind = std::numeric_limits<std::int64_t>::max();
  std::int64_t last_state = 0;
  std::string first_title;
  std::string end_title;

  explicit FilterBounds(const ListFilter& filter)
      : last_state(Number64(filter.include_retired
                                ? RegistrationState::kRetired
                                : RegistrationState::kActive)),
        first_title(FoldTitle(filter.title_prefix)),
        // No UTF-8 text holds the byte ff.
        end_title(first_title + "\xff") {
    if (filter.kind) first_kind = last_kind = Number64(*filter.kind);
  }
};

}  // namespace

absl::StatusOr<std::vector<Version>> SqlRegistrationStore::Versions(
    std::string_view sql, std::span<const Value> values) const {
  std::vector<Version> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(sql, values, [&out](const Row& row) -> absl::Status {
      LIMPID_ASSIGN_OR_RETURN(Version version, ReadVersion(row));
      out.push_back(std::move(version));
      return absl::OkStatus();
    });
  }));
  return out;
}

absl::StatusOr<std::uint64_t> SqlRegistrationStore::Number(
    std::string_view sql, std::span<const Value> values) const {
  std::int64_t out = 0;
  LIMPID_RETURN_IF_ERROR(database_.Read(
      [&](Session& session) { return ReadNumber(session, sql, values, out); }));
  return static_cast<std::uint64_t>(out);
}

absl::StatusOr<std::optional<RegistrationId>>
SqlRegistrationStore::FindRegistration(std::string_view sql,
                                       std::span<const Value> values) const {
  std::optional<RegistrationId> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(sql, values, [&out](const Row& row) {
      auto id = ReadId(row, 0, 1);
      if (id.ok()) out = *id;
      return id.status();
    });
  }));
  return out;
}

absl::StatusOr<std::vector<Version>> SqlRegistrationStore::Pending() const {
  return Versions(
      Sql({kVersionColumns, "WHERE leaf_index IS NULL ORDER BY v.place"}), {});
}

absl::StatusOr<std::uint64_t> SqlRegistrationStore::LoggedSize() const {
  return Number("SELECT COALESCE(MAX(leaf_index) + 1, 0) FROM register_version",
                {});
}

absl::StatusOr<std::vector<Version>> SqlRegistrationStore::LoggedFrom(
    std::uint64_t first, std::size_t limit) const {
  const std::array<Value, 2> values = {static_cast<std::int64_t>(first),
                                       static_cast<std::int64_t>(limit)};
  return Versions(Sql({kVersionColumns,
                       "WHERE leaf_index >= $1 ORDER BY leaf_index LIMIT $2"}),
                  values);
}

absl::StatusOr<Version> SqlRegistrationStore::Get(
    const RegistrationId& registration, std::uint32_t number) const {
  const base::ByteView id(registration.bytes);
  const std::array<Value, 2> newest = {id, Number64(registration.kind)};
  const std::array<Value, 3> exact = {id, Number64(registration.kind),
                                      static_cast<std::int64_t>(number)};
  auto found =
      number == 0
          ? Versions(Sql({kVersionColumns,
                          "WHERE registration = $1 AND kind = $2 AND "
                          "leaf_index IS NOT NULL ORDER BY number DESC LIMIT "
                          "1"}),
                     newest)
          : Versions(Sql({kVersionColumns,
                          "WHERE registration = $1 AND kind = $2 AND "
                          "number = $3 AND leaf_index IS NOT NULL"}),
                     exact);
  if (!found.ok()) return found.status();
  if (found->empty()) {
    return absl::NotFoundError(number == 0 ? "no such registration"
                                           : "no such version");
  }
  return std::move(found->front());
}

absl::StatusOr<Version> SqlRegistrationStore::GetAt(
    const RegistrationId& registration, absl::Time time) const {
  const std::array<Value, 3> values = {base::ByteView(registration.bytes),
                                       Number64(registration.kind),
                                       absl::ToUnixMillis(time)};
  LIMPID_ASSIGN_OR_RETURN(
      std::vector<Version> found,
      Versions(Sql({kVersionColumns,
                    "WHERE registration = $1 AND kind = $2 AND leaf_index IS "
                    "NOT NULL AND logged_ms <= $3 ORDER BY number DESC LIMIT "
                    "1"}),
               values));
  if (found.empty()) return absl::NotFoundError("no version at that time");
  return std::move(found.front());
}

absl::StatusOr<std::vector<Version>> SqlRegistrationStore::History(
    const RegistrationId& registration, std::uint32_t after,
    std::size_t limit) const {
  const std::array<Value, 4> values = {
      base::ByteView(registration.bytes), Number64(registration.kind),
      static_cast<std::int64_t>(after), static_cast<std::int64_t>(limit)};
  return Versions(Sql({kVersionColumns,
                       "WHERE registration = $1 AND kind = $2 AND number > $3 "
                       "AND leaf_index IS NOT NULL ORDER BY number LIMIT $4"}),
                  values);
}

absl::StatusOr<Head> SqlRegistrationStore::GetHead(
    const RegistrationId& registration) const {
  std::optional<Head> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(
        Sql({kHeadColumns, "WHERE registration = $1 AND kind = $2"}),
        {base::ByteView(registration.bytes), Number64(registration.kind)},
        [&out](const Row& row) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(out, ReadHead(row));
          return absl::OkStatus();
        });
  }));
  if (!out) return absl::NotFoundError("no such registration");
  return *std::move(out);
}

absl::StatusOr<std::vector<Head>> SqlRegistrationStore::List(
    const ListFilter& filter, const std::optional<ListCursor>& after,
    std::size_t limit) const {
  const FilterBounds bounds(filter);
  std::vector<Value> values = {
      bounds.first_kind, bounds.last_kind, bounds.last_state,
      base::AsBytes(bounds.first_title), base::AsBytes(bounds.end_title)};
  // No title key is below the empty one, no id below sixteen zeros.
  const ListCursor from = after ? *after : ListCursor();
  values.emplace_back(base::AsBytes(from.title_key));
  values.emplace_back(base::ByteView(from.registration.bytes));
  if (filter.organisation) {
    values.emplace_back(base::ByteView(filter.organisation->bytes));
  }
  values.emplace_back(static_cast<std::int64_t>(limit));
  const std::string sql = Sql(
      {kHeadColumns, kHeadFilter, "AND (title_key, registration) > ($6, $7) ",
       filter.organisation ? "AND organisation = $8 " : "",
       "ORDER BY title_key, registration LIMIT ",
       filter.organisation ? "$9" : "$8"});
  std::vector<Head> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(sql, values, [&out](const Row& row) -> absl::Status {
      LIMPID_ASSIGN_OR_RETURN(Head head, ReadHead(row));
      out.push_back(std::move(head));
      return absl::OkStatus();
    });
  }));
  return out;
}

absl::StatusOr<std::uint64_t> SqlRegistrationStore::Count(
    const ListFilter& filter) const {
  const FilterBounds bounds(filter);
  std::vector<Value> values = {
      bounds.first_kind, bounds.last_kind, bounds.last_state,
      base::AsBytes(bounds.first_title), base::AsBytes(bounds.end_title)};
  if (!filter.organisation) {
    return Number(Sql({"SELECT COUNT(*) FROM register_head ", kHeadFilter}),
                  values);
  }
  values.emplace_back(base::ByteView(filter.organisation->bytes));
  return Number(Sql({"SELECT COUNT(*) FROM register_head ", kHeadFilter,
                     "AND organisation = $6"}),
                values);
}

absl::StatusOr<std::optional<RegistrationId>> SqlRegistrationStore::FindAlias(
    const Alias& alias) const {
  const std::array<Value, 2> values = {alias.scheme, alias.id};
  return FindRegistration(
      "SELECT kind, registration FROM register_alias "
      "WHERE scheme = $1 AND foreign_id = $2",
      values);
}

absl::StatusOr<std::uint64_t> SqlRegistrationStore::CountAliases(
    std::string_view scheme) const {
  const std::array<Value, 1> values = {scheme};
  return Number("SELECT COUNT(*) FROM register_alias WHERE scheme = $1",
                values);
}

absl::StatusOr<std::vector<OwnedAlias>> SqlRegistrationStore::ListAliases(
    std::string_view scheme, std::string_view after, std::size_t limit) const {
  const std::array<Value, 3> values = {scheme, after,
                                       static_cast<std::int64_t>(limit)};
  std::vector<OwnedAlias> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    out.clear();
    return session.Query(
        "SELECT foreign_id, kind, registration FROM register_alias "
        "WHERE scheme = $1 AND foreign_id > $2 "
        "ORDER BY foreign_id LIMIT $3",
        values, [&out](const Row& row) -> absl::Status {
          OwnedAlias alias;
          alias.id = std::string(row.Text(0));
          LIMPID_ASSIGN_OR_RETURN(alias.registration, ReadId(row, 1, 2));
          out.push_back(std::move(alias));
          return absl::OkStatus();
        });
  }));
  return out;
}

absl::StatusOr<std::optional<RegistrationId>>
SqlRegistrationStore::FindOrganisation(
    std::string_view title, const std::optional<PublisherId>& keeper) const {
  if (title == kErasedTitle) return std::optional<RegistrationId>();
  const std::string key = FoldTitle(title);
  // No publisher has sixteen zeros.
  const PublisherId preferred = keeper.value_or(PublisherId());
  const std::array<Value, 5> values = {
      base::AsBytes(key), title, Number64(RegistrationKind::kOrganisation),
      Number64(RegistrationState::kActive), base::ByteView(preferred.bytes())};
  return FindRegistration(
      "SELECT h.kind, h.registration FROM register_head h "
      "JOIN register_version v ON v.registration = h.registration "
      "AND v.number = 1 "
      "WHERE h.title_key = $1 AND h.title = $2 AND h.kind = $3 "
      "AND h.state = $4 "
      "ORDER BY CASE WHEN v.publisher = $5 THEN 0 ELSE 1 END, v.leaf_index "
      "LIMIT 1",
      values);
}

absl::StatusOr<std::optional<RegistrationId>>
SqlRegistrationStore::FindSnapshot(const SnapshotId& snapshot) const {
  const std::array<Value, 1> values = {base::ByteView(snapshot.bytes())};
  return FindRegistration(
      "SELECT kind, registration FROM register_snapshot WHERE snapshot = $1",
      values);
}

}  // namespace limpid::algoregister

#include "algoregister/store/sql_ticket_store.h"

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
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"

namespace limpid::algoregister {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

// Columns of a ticket, in the order ReadTicket expects.
constexpr std::string_view kTicketColumns =
    "SELECT id, registration_kind, registration, version, field, kind, "
    "opened_ms, organisation, secret_hash, state, due_ms, answered_ms, "
    "act_count";
// Columns of an act, in the order ReadAct expects.
constexpr std::string_view kActColumns =
    "number, act_kind, author, made_ms, body, text_state, about, reason ";
constexpr int kTicketColumnCount = 13;

// The list filter, with states and times as ranges that match everything when
// they are wide.
constexpr std::string_view kListFilter =
    "FROM register_ticket JOIN register_ticket_act "
    "ON register_ticket_act.ticket = register_ticket.id "
    "AND register_ticket_act.number = 1 "
    "WHERE state >= $1 AND state <= $2 AND due_ms < $3 "
    "AND (opened_ms, id) < ($4, $5) ";

// One statement text. There are few, since only constants go in.
std::string Sql(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (const std::string_view part : parts) out += part;
  return out;
}

template <typename Enum>
std::int64_t Number64(Enum value) {
  return static_cast<std::int64_t>(value);
}

Value Millis(absl::Time time) { return absl::ToUnixMillis(time); }

Value MillisOrNull(const std::optional<absl::Time>& time) {
  return time ? Millis(*time) : Value();
}

// What a stored number means, when it means something.
template <typename Enum>
absl::Status ReadEnum(std::int64_t number, Enum last, Enum& out) {
  if (number < 0 || number > Number64(last)) {
    return absl::DataLossError("a stored ticket has an unknown code");
  }
  out = static_cast<Enum>(number);
  return absl::OkStatus();
}

absl::StatusOr<Ticket> ReadTicket(const Row& row) {
  Ticket out;
  out.id = TicketId(row.Array<base::kIdBytes>(0));
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(1), RegistrationKind::kIncident, out.registration.kind));
  out.registration.bytes = row.Array<base::kIdBytes>(2);
  out.version = static_cast<std::uint32_t>(row.Int(3));
  out.field = std::string(row.Text(4));
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(5), TicketKind::kObjection, out.kind));
  out.opened = absl::FromUnixMillis(row.Int(6));
  if (!row.IsNull(7)) {
    out.organisation = RegistrationId{.kind = RegistrationKind::kOrganisation,
                                      .bytes = row.Array<base::kIdBytes>(7)};
  }
  out.secret_hash = row.Array<32>(8);
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(9), TicketState::kModerated, out.standing.state));
  out.standing.due = absl::FromUnixMillis(row.Int(10));
  if (!row.IsNull(11)) {
    out.standing.first_answer = absl::FromUnixMillis(row.Int(11));
  }
  out.standing.act_count = static_cast<std::uint32_t>(row.Int(12));
  return out;
}

// Its columns begin at `at`.
absl::StatusOr<TicketAct> ReadAct(const Row& row, int at) {
  TicketAct out;
  out.number = static_cast<std::uint32_t>(row.Int(at));
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(at + 1), TicketActKind::kClose, out.kind));
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(at + 2), TicketAuthor::kAdministrator, out.author));
  out.time = absl::FromUnixMillis(row.Int(at + 3));
  out.text = std::string(row.Text(at + 4));
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(at + 5), TextState::kDestroyed, out.text_state));
  out.about = static_cast<std::uint32_t>(row.Int(at + 6));
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(at + 7), ModerationReason::kSpam, out.reason));
  return out;
}

absl::Status InsertAct(Session& session, const TicketId& ticket,
                       const TicketAct& act) {
  return session
      .Execute(
          "INSERT INTO register_ticket_act (ticket, number, act_kind, author, "
          "made_ms, body, text_state, about, reason) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
          {base::ByteView(ticket.bytes()),
           static_cast<std::int64_t>(act.number), Number64(act.kind),
           Number64(act.author), Millis(act.time), std::string_view(act.text),
           Number64(act.text_state), static_cast<std::int64_t>(act.about),
           Number64(act.reason)})
      .status();
}

absl::Status InsertTicket(Session& session, const Ticket& ticket) {
  const Value organisation =
      ticket.organisation ? Value(base::ByteView(ticket.organisation->bytes))
                          : Value();
  return session
      .Execute(
          "INSERT INTO register_ticket (id, registration_kind, registration, "
          "version, field, kind, opened_ms, organisation, secret_hash, state, "
          "due_ms, answered_ms, act_count) "
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
          {base::ByteView(ticket.id.bytes()),
           Number64(ticket.registration.kind),
           base::ByteView(ticket.registration.bytes),
           static_cast<std::int64_t>(ticket.version),
           std::string_view(ticket.field), Number64(ticket.kind),
           Millis(ticket.opened), organisation,
           base::ByteView(ticket.secret_hash), Number64(ticket.standing.state),
           Millis(ticket.standing.due),
           MillisOrNull(ticket.standing.first_answer),
           static_cast<std::int64_t>(ticket.acts.size())})
      .status();
}

absl::Status ChangeText(Session& session, const TicketId& ticket,
                        const TextChange& change) {
  const std::string_view sql =
      change.state == TextState::kDestroyed
          ? "UPDATE register_ticket_act SET text_state = $1, body = '' "
            "WHERE ticket = $2 AND number = $3"
          : "UPDATE register_ticket_act SET text_state = $1 "
            "WHERE ticket = $2 AND number = $3";
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session.Execute(sql,
                      {Number64(change.state), base::ByteView(ticket.bytes()),
                       static_cast<std::int64_t>(change.number)}));
  if (changed == 1) return absl::OkStatus();
  return absl::NotFoundError("the ticket has no such act");
}

absl::Status UpdateStanding(Session& session, const TicketId& ticket,
                            const TicketAct& act,
                            const TicketStanding& standing) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session.Execute(
          "UPDATE register_ticket SET state = $1, due_ms = $2, "
          "answered_ms = $3, act_count = $4 WHERE id = $5 AND act_count = $6",
          {Number64(standing.state), Millis(standing.due),
           MillisOrNull(standing.first_answer),
           static_cast<std::int64_t>(act.number),
           base::ByteView(ticket.bytes()),
           static_cast<std::int64_t>(act.number) - 1}));
  if (changed == 1) return absl::OkStatus();
  bool there = false;
  LIMPID_RETURN_IF_ERROR(
      session.Query("SELECT act_count FROM register_ticket WHERE id = $1",
                    {base::ByteView(ticket.bytes())}, [&there](const Row&) {
                      there = true;
                      return absl::OkStatus();
                    }));
  if (!there) return absl::NotFoundError("no such ticket");
  return absl::AbortedError("another act of the ticket came first");
}

// A ticket with all its acts.
absl::Status ReadWhole(Session& session, const TicketId& ticket,
                       std::optional<Ticket>& out) {
  const std::array<Value, 1> id = {base::ByteView(ticket.bytes())};
  const auto read_ticket = [&out](const Row& row) -> absl::Status {
    LIMPID_ASSIGN_OR_RETURN(out, ReadTicket(row));
    return absl::OkStatus();
  };
  LIMPID_RETURN_IF_ERROR(session.Query(
      Sql({kTicketColumns, " FROM register_ticket WHERE id = $1"}), id,
      read_ticket));
  if (!out) return absl::NotFoundError("no such ticket");
  const auto read_act = [&out](const Row& row) -> absl::Status {
    LIMPID_ASSIGN_OR_RETURN(TicketAct act, ReadAct(row, 0));
    out->acts.push_back(std::move(act));
    return absl::OkStatus();
  };
  return session.Query(
      Sql({"SELECT ", kActColumns,
           "FROM register_ticket_act WHERE ticket = $1 ORDER BY number"}),
      id, read_act);
}

// State, opened, due, answered, kind.
absl::StatusOr<TicketTimes> ReadTimes(const Row& row) {
  TicketTimes out;
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(0), TicketState::kModerated, out.state));
  out.opened = absl::FromUnixMillis(row.Int(1));
  out.due = absl::FromUnixMillis(row.Int(2));
  if (!row.IsNull(3)) out.first_answer = absl::FromUnixMillis(row.Int(3));
  LIMPID_RETURN_IF_ERROR(
      ReadEnum(row.Int(4), TicketKind::kObjection, out.kind));
  return out;
}

// Bounds of kListFilter.
struct Bounds {
  Bounds(const TicketFilter& filter, const std::optional<TicketCursor>& after) {
    constexpr std::int64_t kEver = std::numeric_limits<std::int64_t>::max();
    if (filter.state) first = last = Number64(*filter.state);
    due = filter.due_before ? absl::ToUnixMillis(*filter.due_before) : kEver;
    opened = after ? absl::ToUnixMillis(after->opened) : kEver;
    if (after) id = after->id.bytes();
  }
  [[nodiscard]] std::vector<Value> Values() const {
    return {first, last, due, opened, base::ByteView(id)};
  }
  std::int64_t first = 0;
  std::int64_t last = Number64(TicketState::kOverdue);
  std::int64_t due = 0;
  std::int64_t opened = 0;
  base::ByteArray<base::kIdBytes> id{};
};

}  // namespace

// NOLINTBEGIN(bugprone-suspicious-missing-comma): statements of many lines
storage::Migration TicketMigration() {
  storage::Migration out;
  out.statements = {
      // One row per ticket; state, due_ms, answered_ms and act_count are worked
      // out from its acts.
      "CREATE TABLE register_ticket (id BYTEA NOT NULL PRIMARY KEY, "
      "registration_kind BIGINT NOT NULL, registration BYTEA NOT NULL, "
      "version BIGINT NOT NULL, field TEXT NOT NULL, kind BIGINT NOT NULL, "
      "opened_ms BIGINT NOT NULL, organisation BYTEA, "
      "secret_hash BYTEA NOT NULL, state BIGINT NOT NULL, "
      "due_ms BIGINT NOT NULL, answered_ms BIGINT, "
      "act_count BIGINT NOT NULL)",
      "CREATE INDEX register_ticket_registration "
      "ON register_ticket (registration, opened_ms, id)",
      "CREATE INDEX register_ticket_organisation "
      "ON register_ticket (organisation, opened_ms, id)",
      "CREATE INDEX register_ticket_opened ON register_ticket (opened_ms, id)",
      // One row per act; only text_state and body ever change.
      "CREATE TABLE register_ticket_act (ticket BYTEA NOT NULL, "
      "number BIGINT NOT NULL, act_kind BIGINT NOT NULL, "
      "author BIGINT NOT NULL, made_ms BIGINT NOT NULL, body TEXT NOT NULL, "
      "text_state BIGINT NOT NULL, about BIGINT NOT NULL, "
      "reason BIGINT NOT NULL, PRIMARY KEY (ticket, number))",
  };
  return out;
}
// NOLINTEND(bugprone-suspicious-missing-comma)

absl::Status SqlTicketStore::Add(const Ticket& ticket) {
  return database_.Write([&ticket](Session& session) -> absl::Status {
    LIMPID_RETURN_IF_ERROR(InsertTicket(session, ticket));
    for (const TicketAct& act : ticket.acts) {
      LIMPID_RETURN_IF_ERROR(InsertAct(session, ticket.id, act));
    }
    return absl::OkStatus();
  });
}

absl::Status SqlTicketStore::Append(const TicketId& ticket,
                                    const TicketAct& act,
                                    const TicketStanding& standing,
                                    const std::optional<TextChange>& change) {
  const auto append = [&](Session& session) -> absl::Status {
    LIMPID_RETURN_IF_ERROR(UpdateStanding(session, ticket, act, standing));
    if (change) {
      LIMPID_RETURN_IF_ERROR(ChangeText(session, ticket, *change));
    }
    return InsertAct(session, ticket, act);
  };
  LIMPID_RETURN_IF_ERROR(database_.Write(append));
  const bool destroyed = change && change->state == TextState::kDestroyed;
  return destroyed ? Scrub() : absl::OkStatus();
}

// The write-ahead log holds pages from before.
absl::Status SqlTicketStore::Scrub() { return database_.Checkpoint(); }

absl::StatusOr<Ticket> SqlTicketStore::Get(const TicketId& ticket) const {
  std::optional<Ticket> out;
  const absl::Status status = database_.Read(
      [&](Session& session) { return ReadWhole(session, ticket, out); });
  if (!status.ok()) return status;
  return *std::move(out);
}

absl::StatusOr<std::vector<Ticket>> SqlTicketStore::List(
    const TicketFilter& filter, const std::optional<TicketCursor>& after,
    std::size_t limit) const {
  const Bounds bounds(filter, after);
  std::vector<Value> values = bounds.Values();
  std::string where;
  const auto also = [&](std::string_view column, Value value) {
    values.push_back(value);
    where += Sql({"AND ", column, " = $", std::to_string(values.size()), " "});
  };
  if (filter.registration) {
    also("registration_kind", Number64(filter.registration->kind));
    also("registration", base::ByteView(filter.registration->bytes));
  }
  if (filter.organisation) {
    also("organisation", base::ByteView(filter.organisation->bytes));
  }
  values.emplace_back(static_cast<std::int64_t>(limit));
  const std::string sql =
      Sql({kTicketColumns, ", ", kActColumns, kListFilter, where,
           "ORDER BY opened_ms DESC, id DESC LIMIT $",
           std::to_string(values.size())});
  std::vector<Ticket> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(sql, values, [&out](const Row& row) -> absl::Status {
      LIMPID_ASSIGN_OR_RETURN(Ticket ticket, ReadTicket(row));
      LIMPID_ASSIGN_OR_RETURN(TicketAct first,
                              ReadAct(row, kTicketColumnCount));
      ticket.acts.push_back(std::move(first));
      out.push_back(std::move(ticket));
      return absl::OkStatus();
    });
  }));
  return out;
}

absl::StatusOr<std::uint64_t> SqlTicketStore::CountSince(
    const std::optional<RegistrationId>& registration, absl::Time since) const {
  std::int64_t out = 0;
  const auto read = [&out](const Row& row) {
    out = row.Int(0);
    return absl::OkStatus();
  };
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    if (!registration) {
      return session.Query(
          "SELECT COUNT(*) FROM register_ticket WHERE opened_ms >= $1",
          {Millis(since)}, read);
    }
    return session.Query(
        "SELECT COUNT(*) FROM register_ticket WHERE registration = $1 "
        "AND registration_kind = $2 AND opened_ms >= $3",
        {base::ByteView(registration->bytes), Number64(registration->kind),
         Millis(since)},
        read);
  }));
  return static_cast<std::uint64_t>(out);
}

absl::StatusOr<std::vector<TicketTimes>> SqlTicketStore::Times(
    const RegistrationId& organisation, std::size_t limit) const {
  std::vector<TicketTimes> out;
  LIMPID_RETURN_IF_ERROR(database_.Read([&](Session& session) {
    return session.Query(
        "SELECT state, opened_ms, due_ms, answered_ms, kind "
        "FROM register_ticket WHERE organisation = $1 "
        "ORDER BY opened_ms DESC, id DESC LIMIT $2",
        {base::ByteView(organisation.bytes), static_cast<std::int64_t>(limit)},
        [&out](const Row& row) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(const TicketTimes one, ReadTimes(row));
          out.push_back(one);
          return absl::OkStatus();
        });
  }));
  return out;
}

}  // namespace limpid::algoregister

#include "consent/store/sql_ledger_store.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/storage/session.h"
#include "consent/store/person_rows.h"
#include "consent/store/sql_rows.h"

namespace limpid::consent {
namespace {

using storage::Row;
using storage::Session;
using storage::Value;

PlanRow ReadPlan(const Row& row) {
  PlanRow out;
  out.first_position = Unsigned(row, 0);
  out.count = Unsigned(row, 1);
  out.first_index = Unsigned(row, 2);
  out.padded = Unsigned(row, 3);
  out.seed = row.Array<32>(4);
  out.done = row.Int(5) != 0;
  return out;
}

// Columns of an event in every query below, in this order.
#define LIMPID_EVENT_COLUMNS \
  "service, position, shard, person, record, created, payload"

EventRow ReadEvent(const Row& row) {
  EventRow out;
  out.service = row.Array<16>(0);
  out.position = Unsigned(row, 1);
  out.shard = static_cast<std::uint16_t>(row.Int(2));
  out.person = PersonId(row.Array<16>(3));
  out.record = RecordId(row.Array<16>(4));
  out.created_ms = row.Int(5);
  out.payload = base::ToBytes(row.Blob(6));
  return out;
}

constexpr std::string_view kInsertPublic =
    "INSERT INTO public_row (kind, id, created, payload) "
    "VALUES ($1, $2, $3, $4)";
constexpr std::string_view kPutPublic =
    "INSERT INTO public_row (kind, id, created, payload) "
    "VALUES ($1, $2, $3, $4) ON CONFLICT (kind, id) DO UPDATE SET "
    "created = excluded.created, payload = excluded.payload";

PublicRow ReadPublic(const Row& row) {
  return {static_cast<PublicKind>(row.Int(0)), base::ToBytes(row.Blob(1)),
          row.Int(2), base::ToBytes(row.Blob(3))};
}

// Serves both an insert and an upsert; the SQL differs.
absl::Status WritePublic(Session& session, std::string_view sql,
                         const PublicRow& row) {
  return session
      .Execute(sql, {Number(row.kind), row.id, row.created_ms, row.payload})
      .status();
}

absl::Status WriteEvent(Session& session, const EventRow& row) {
  return session
      .Execute(
          "INSERT INTO event (service, position, shard, person, record, "
          "created, payload) VALUES ($1, $2, $3, $4, $5, $6, $7)",
          {row.service, Big(row.position), std::int64_t{row.shard},
           row.person.bytes(), row.record.bytes(), row.created_ms, row.payload})
      .status();
}

absl::Status WriteStop(Session& session, const StopEntry& stop) {
  return session
      .Execute(
          "INSERT INTO stop (sequence, kind, subject, revision, time) "
          "VALUES ($1, $2, $3, $4, $5)",
          {Big(stop.sequence), Number(stop.kind), stop.subject,
           std::int64_t{stop.revision}, absl::ToUnixMillis(stop.time)})
      .status();
}

// The epoch is checked by the same statement that moves the numbers on.
absl::Status MoveHead(Session& session, const LedgerHead& head) {
  LIMPID_ASSIGN_OR_RETURN(
      const std::int64_t changed,
      session.Execute("UPDATE head SET clock = $1, position = $2, event = $3, "
                      "stop = $4, tail = CASE WHEN tail < $5 THEN $5 ELSE tail "
                      "END WHERE id = 1 AND epoch = $6",
                      {head.clock_ms, Big(head.position), Big(head.event),
                       Big(head.stop), Big(head.tail), Big(head.epoch)}));
  if (changed != 1) return absl::AbortedError("another process leads");
  return absl::OkStatus();
}

absl::Status WriteRows(Session& session, const LedgerCommit& commit,
                       const PersonRows& rows, PersonRows::Given& given) {
  for (const RowKey& key : commit.deletes) {
    LIMPID_RETURN_IF_ERROR(rows.Delete(session, key, given));
  }
  for (const PersonalRow& row : commit.inserts) {
    LIMPID_RETURN_IF_ERROR(rows.Insert(session, row, given));
  }
  for (const PersonalRow& row : commit.puts) {
    LIMPID_RETURN_IF_ERROR(rows.Put(session, row, given));
  }
  return absl::OkStatus();
}

absl::Status WriteEvents(Session& session, const LedgerCommit& commit) {
  for (const EventKey& key : commit.event_deletes) {
    LIMPID_RETURN_IF_ERROR(
        session
            .Execute("DELETE FROM event WHERE service = $1 AND position = $2",
                     {key.service, Big(key.position)})
            .status());
  }
  for (const EventRow& row : commit.events) {
    LIMPID_RETURN_IF_ERROR(WriteEvent(session, row));
  }
  return absl::OkStatus();
}

// All but the rows of persons.
absl::Status WriteOthers(Session& session, const LedgerCommit& commit) {
  for (const PublicRowKey& key : commit.public_deletes) {
    LIMPID_RETURN_IF_ERROR(
        session
            .Execute("DELETE FROM public_row WHERE kind = $1 AND id = $2",
                     {Number(key.kind), key.id})
            .status());
  }
  for (const PublicRow& row : commit.public_inserts) {
    LIMPID_RETURN_IF_ERROR(WritePublic(session, kInsertPublic, row));
  }
  for (const PublicRow& row : commit.public_puts) {
    LIMPID_RETURN_IF_ERROR(WritePublic(session, kPutPublic, row));
  }
  LIMPID_RETURN_IF_ERROR(WriteEvents(session, commit));
  for (const LeafRow& row : commit.leaves) {
    LIMPID_RETURN_IF_ERROR(
        session
            .Execute("INSERT INTO leaf (position, commitment) VALUES ($1, $2)",
                     {Big(row.position), row.commitment})
            .status());
  }
  for (const StopEntry& stop : commit.stops) {
    LIMPID_RETURN_IF_ERROR(WriteStop(session, stop));
  }
  return absl::OkStatus();
}

absl::Status WriteAll(Session& session, const LedgerCommit& commit,
                      const PersonRows& rows, PersonRows::Given& given) {
  LIMPID_RETURN_IF_ERROR(MoveHead(session, commit.head));
  LIMPID_RETURN_IF_ERROR(WriteRows(session, commit, rows, given));
  return WriteOthers(session, commit);
}

absl::Status ReadHead(Session& session, LedgerHead& head) {
  return session.Query(
      "SELECT epoch, clock, position, event, stop, tail FROM head "
      "WHERE id = 1",
      {}, [&](const Row& row) {
        head.epoch = Unsigned(row, 0);
        head.clock_ms = row.Int(1);
        head.position = Unsigned(row, 2);
        head.event = Unsigned(row, 3);
        head.stop = Unsigned(row, 4);
        head.tail = Unsigned(row, 5);
        return absl::OkStatus();
      });
}

absl::Status RaiseEpoch(Session& session, LedgerHead& head) {
  LIMPID_RETURN_IF_ERROR(
      session.Execute("UPDATE head SET epoch = epoch + 1 WHERE id = 1", {})
          .status());
  return ReadHead(session, head);
}

class SqlLedgerStore final : public LedgerStore {
 public:
  explicit SqlLedgerStore(storage::Database& database) : database_(database) {}

  absl::StatusOr<LedgerHead> TakeEpoch() override;
  absl::StatusOr<LedgerHead> Head() const override;
  absl::Status Commit(const LedgerCommit& commit) override;
  absl::Status PutPlan(std::uint64_t epoch, const PlanRow& plan) override;
  absl::StatusOr<std::optional<PersonalRow>> Get(
      const RowKey& key) const override;
  absl::StatusOr<std::optional<PersonalRow>> Find(
      RowKind kind, const RowId& lookup) const override;
  absl::StatusOr<std::vector<PersonalRow>> ListDown(
      const RowKey& below, std::size_t limit) const override;
  absl::StatusOr<std::vector<PersonalRow>> ListKind(
      std::uint16_t shard, const PersonId& person, RowKind kind) const override;
  absl::StatusOr<std::vector<RowKey>> ListPerson(
      const RowKey& after, std::size_t limit) const override;
  absl::StatusOr<std::vector<RowKey>> Due(std::int64_t now_ms,
                                          std::size_t limit) const override;
  absl::StatusOr<std::vector<RowKey>> InState(RowKind kind, std::uint8_t state,
                                              const RowKey& after,
                                              std::size_t limit) const override;
  absl::StatusOr<std::optional<PublicRow>> GetPublic(
      PublicKind kind, base::ByteView id) const override;
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind) const override;
  absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind, base::ByteView after, std::size_t limit) const override;
  absl::StatusOr<std::vector<EventRow>> Events(
      const RowId& service, std::uint64_t after,
      std::size_t limit) const override;
  absl::StatusOr<std::vector<EventRow>> EventsAbout(
      const PersonId& person, std::uint64_t below,
      std::size_t limit) const override;
  absl::StatusOr<std::vector<StopEntry>> Stops(
      std::uint64_t after) const override;
  absl::StatusOr<std::vector<LeafRow>> Leaves(std::uint64_t first,
                                              std::size_t limit) const override;
  absl::StatusOr<std::optional<PlanRow>> LastPlan() const override;
  absl::StatusOr<std::optional<PlanRow>> PlanFor(
      std::uint64_t position) const override;

 private:
  // Runs one query in a snapshot and collects `read` of each row.
  template <typename T>
  absl::StatusOr<std::vector<T>> Collect(std::string_view sql,
                                         std::initializer_list<Value> values,
                                         T (*read)(const Row&)) const {
    return Rows<T>([&](Session& session) {
      return consent::Collect(session, sql, values, read);
    });
  }
  template <typename T>
  absl::StatusOr<std::optional<T>> First(std::string_view sql,
                                         std::initializer_list<Value> values,
                                         T (*read)(const Row&)) const {
    LIMPID_ASSIGN_OR_RETURN(std::vector<T> rows, Collect(sql, values, read));
    return FirstOf(std::move(rows));
  }

  // The same for rows of persons.
  template <typename T>
  absl::StatusOr<std::vector<T>> Rows(
      absl::FunctionRef<absl::StatusOr<std::vector<T>>(Session&)> read) const {
    std::vector<T> out;
    LIMPID_RETURN_IF_ERROR(
        database_.Read([&](Session& session) -> absl::Status {
          LIMPID_ASSIGN_OR_RETURN(out, read(session));
          return absl::OkStatus();
        }));
    return out;
  }
  template <typename T>
  static std::optional<T> FirstOf(std::vector<T> rows) {
    if (rows.empty()) return std::nullopt;
    return std::move(rows.front());
  }

  storage::Database& database_;
  const PersonRows rows_;
};

absl::StatusOr<LedgerHead> SqlLedgerStore::TakeEpoch() {
  LedgerHead head;
  LIMPID_RETURN_IF_ERROR(database_.Write(
      [&](Session& session) { return RaiseEpoch(session, head); }));
  return head;
}

absl::StatusOr<LedgerHead> SqlLedgerStore::Head() const {
  LedgerHead head;
  LIMPID_RETURN_IF_ERROR(database_.Read(
      [&](Session& session) { return ReadHead(session, head); }));
  return head;
}

absl::Status SqlLedgerStore::Commit(const LedgerCommit& commit) {
  PersonRows::Given given;
  const absl::Status written = database_.Write([&](Session& session) {
    return WriteAll(session, commit, rows_, given);
  });
  if (written.ok()) rows_.Remember(given);
  return written;
}

absl::Status SqlLedgerStore::PutPlan(std::uint64_t epoch, const PlanRow& plan) {
  return database_.Write([&](Session& session) {
    // Takes the row's lock, so that no other leader slips in between.
    LIMPID_ASSIGN_OR_RETURN(
        const std::int64_t leads,
        session.Execute(
            "UPDATE head SET clock = clock WHERE id = 1 AND epoch = $1",
            {Big(epoch)}));
    if (leads != 1) return absl::AbortedError("another process leads");
    LIMPID_RETURN_IF_ERROR(
        session
            .Execute(
                "INSERT INTO plan (first_position, count, first_index, padded, "
                "seed, done) VALUES ($1, $2, $3, $4, $5, $6) "
                "ON CONFLICT (first_position) DO UPDATE SET "
                "count = excluded.count, first_index = excluded.first_index, "
                "padded = excluded.padded, seed = excluded.seed, "
                "done = excluded.done",
                {Big(plan.first_position), Big(plan.count),
                 Big(plan.first_index), Big(plan.padded), plan.seed,
                 std::int64_t{plan.done ? 1 : 0}})
            .status());
    if (!plan.done) return absl::OkStatus();
    return session
        .Execute("DELETE FROM leaf WHERE position < $1",
                 {Big(plan.first_position + plan.count)})
        .status();
  });
}

absl::StatusOr<std::optional<PersonalRow>> SqlLedgerStore::Get(
    const RowKey& key) const {
  LIMPID_ASSIGN_OR_RETURN(auto rows, Rows<PersonalRow>([&](Session& session) {
                            return rows_.Get(session, key);
                          }));
  return FirstOf(std::move(rows));
}

absl::StatusOr<std::optional<PersonalRow>> SqlLedgerStore::Find(
    RowKind kind, const RowId& lookup) const {
  LIMPID_ASSIGN_OR_RETURN(auto rows, Rows<PersonalRow>([&](Session& session) {
                            return rows_.Find(session, kind, lookup);
                          }));
  return FirstOf(std::move(rows));
}

absl::StatusOr<std::vector<PersonalRow>> SqlLedgerStore::ListDown(
    const RowKey& below, std::size_t limit) const {
  return Rows<PersonalRow>(
      [&](Session& session) { return rows_.ListDown(session, below, limit); });
}

absl::StatusOr<std::vector<PersonalRow>> SqlLedgerStore::ListKind(
    std::uint16_t shard, const PersonId& person, RowKind kind) const {
  return Rows<PersonalRow>([&](Session& session) {
    return rows_.ListKind(session, {shard, person}, kind);
  });
}

absl::StatusOr<std::vector<RowKey>> SqlLedgerStore::ListPerson(
    const RowKey& after, std::size_t limit) const {
  return Rows<RowKey>([&](Session& session) {
    return rows_.ListPerson(session, after, limit);
  });
}

absl::StatusOr<std::vector<RowKey>> SqlLedgerStore::Due(
    std::int64_t now_ms, std::size_t limit) const {
  return Rows<RowKey>([&](Session& session) {
    return PersonRows::Due(session, now_ms, limit);
  });
}

absl::StatusOr<std::vector<RowKey>> SqlLedgerStore::InState(
    RowKind kind, std::uint8_t state, const RowKey& after,
    std::size_t limit) const {
  return Rows<RowKey>([&](Session& session) {
    return PersonRows::InState(session, kind, state, after, limit);
  });
}

absl::StatusOr<std::optional<PublicRow>> SqlLedgerStore::GetPublic(
    PublicKind kind, base::ByteView id) const {
  return First<PublicRow>(
      "SELECT kind, id, created, payload FROM public_row "
      "WHERE kind = $1 AND id = $2",
      {Number(kind), id}, &ReadPublic);
}

absl::StatusOr<std::vector<PublicRow>> SqlLedgerStore::ListPublic(
    PublicKind kind) const {
  return Collect<PublicRow>(
      "SELECT kind, id, created, payload FROM public_row WHERE kind = $1 "
      "ORDER BY id",
      {Number(kind)}, &ReadPublic);
}

absl::StatusOr<std::vector<PublicRow>> SqlLedgerStore::ListPublic(
    PublicKind kind, base::ByteView after, std::size_t limit) const {
  return Collect<PublicRow>(
      "SELECT kind, id, created, payload FROM public_row "
      "WHERE kind = $1 AND id > $2 ORDER BY id LIMIT $3",
      {Number(kind), after, Big(limit)}, &ReadPublic);
}

absl::StatusOr<std::vector<EventRow>> SqlLedgerStore::Events(
    const RowId& service, std::uint64_t after, std::size_t limit) const {
  return Collect<EventRow>("SELECT " LIMPID_EVENT_COLUMNS
                           " FROM event WHERE service = $1 AND position > $2 "
                           "ORDER BY position LIMIT $3",
                           {service, Big(after), Big(limit)}, &ReadEvent);
}

absl::StatusOr<std::vector<EventRow>> SqlLedgerStore::EventsAbout(
    const PersonId& person, std::uint64_t below, std::size_t limit) const {
  return Collect<EventRow>("SELECT " LIMPID_EVENT_COLUMNS
                           " FROM event WHERE person = $1 AND position < $2 "
                           "ORDER BY position DESC LIMIT $3",
                           {person.bytes(), Big(below), Big(limit)},
                           &ReadEvent);
}

absl::StatusOr<std::vector<StopEntry>> SqlLedgerStore::Stops(
    std::uint64_t after) const {
  return Collect<StopEntry>(
      "SELECT sequence, kind, subject, revision, time FROM stop "
      "WHERE sequence > $1 ORDER BY sequence",
      {Big(after)}, [](const Row& row) {
        StopEntry out;
        out.sequence = Unsigned(row, 0);
        out.kind = static_cast<StopKind>(row.Int(1));
        out.subject = row.Array<16>(2);
        out.revision = static_cast<std::uint32_t>(row.Int(3));
        out.time = absl::FromUnixMillis(row.Int(4));
        return out;
      });
}

absl::StatusOr<std::vector<LeafRow>> SqlLedgerStore::Leaves(
    std::uint64_t first, std::size_t limit) const {
  return Collect<LeafRow>(
      "SELECT position, commitment FROM leaf WHERE position >= $1 "
      "ORDER BY position LIMIT $2",
      {Big(first), Big(limit)}, [](const Row& row) {
        return LeafRow{Unsigned(row, 0), row.Array<32>(1)};
      });
}

absl::StatusOr<std::optional<PlanRow>> SqlLedgerStore::LastPlan() const {
  return First(
      "SELECT first_position, count, first_index, padded, seed, done "
      "FROM plan ORDER BY first_position DESC LIMIT 1",
      {}, &ReadPlan);
}

absl::StatusOr<std::optional<PlanRow>> SqlLedgerStore::PlanFor(
    std::uint64_t position) const {
  LIMPID_ASSIGN_OR_RETURN(
      std::optional<PlanRow> plan,
      First("SELECT first_position, count, first_index, padded, seed, done "
            "FROM plan WHERE first_position <= $1 "
            "ORDER BY first_position DESC LIMIT 1",
            {Big(position)}, &ReadPlan));
  if (plan && position >= plan->first_position + plan->count) plan.reset();
  return plan;
}

}  // namespace

std::unique_ptr<LedgerStore> MakeSqlLedgerStore(storage::Database& database) {
  return std::make_unique<SqlLedgerStore>(database);
}

}  // namespace limpid::consent

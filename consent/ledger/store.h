// What the ledger asks of a store: one atomic, durable commit per batch, and
// the reads it decides from. Rows are sealed before they come here; a store
// knows no key and no meaning. docs/formats/event-sealing.md

#ifndef LIMPID_CONSENT_LEDGER_STORE_H_
#define LIMPID_CONSENT_LEDGER_STORE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "consent/ids.h"
#include "consent/ledger/row_kind.h"
#include "consent/ledger/stop_ledger.h"

namespace limpid::consent {

using RowId = base::ByteArray<16>;

struct RowKey {
  std::uint16_t shard = 0;
  PersonId person;
  RowKind kind = RowKind::kAccount;
  RowId id{};
  std::uint64_t sequence = 0;

  friend bool operator<(const RowKey& left, const RowKey& right) {
    return std::tie(left.shard, left.person, left.kind, left.id,
                    left.sequence) < std::tie(right.shard, right.person,
                                              right.kind, right.id,
                                              right.sequence);
  }
  friend bool operator==(const RowKey&, const RowKey&) = default;
};

struct PersonalRow {
  RowKey key;
  // Unique within the kind.
  std::optional<RowId> lookup;
  std::uint8_t state = 0;
  // Unix milliseconds.
  std::int64_t created_ms = 0;
  // When something must happen by itself; 0 for never.
  std::int64_t due_ms = 0;
  base::Bytes payload;

  friend bool operator==(const PersonalRow&, const PersonalRow&) = default;
};

struct PublicRow {
  PublicKind kind = PublicKind::kService;
  // 1 to 32 bytes.
  base::Bytes id;
  std::int64_t created_ms = 0;
  base::Bytes payload;

  friend bool operator==(const PublicRow&, const PublicRow&) = default;
};

// Names one row of the operator.
struct PublicRowKey {
  PublicKind kind = PublicKind::kService;
  base::Bytes id;

  friend auto operator<=>(const PublicRowKey&, const PublicRowKey&) = default;
};

// One event of one service's stream.
struct EventRow {
  // Blinded service id.
  RowId service{};
  // In commit order over all services, from 1.
  std::uint64_t position = 0;
  std::uint16_t shard = 0;
  PersonId person;
  RecordId record;
  std::int64_t created_ms = 0;
  base::Bytes payload;

  friend bool operator==(const EventRow&, const EventRow&) = default;
};

// Names one event.
struct EventKey {
  RowId service{};
  std::uint64_t position = 0;

  friend auto operator<=>(const EventKey&, const EventKey&) = default;
};

// A commitment waiting for the access log.
struct LeafRow {
  // In commit order over all persons, from 1, without gaps.
  std::uint64_t position = 0;
  base::Digest32 commitment{};

  friend bool operator==(const LeafRow&, const LeafRow&) = default;
};

// One tick of the access log: positions [first, first + count), padded to
// `padded` leaves and shuffled by `seed`, from `first_index` of the log on.
struct PlanRow {
  std::uint64_t first_position = 1;
  std::uint64_t count = 0;
  std::uint64_t first_index = 0;
  std::uint64_t padded = 0;
  base::Digest32 seed{};
  // The log has it.
  bool done = false;

  friend bool operator==(const PlanRow&, const PlanRow&) = default;
};

// The newest numbers, kept in one row that every commit writes.
struct LedgerHead {
  std::uint64_t epoch = 0;
  // High-water mark of the clock, unix milliseconds.
  std::int64_t clock_ms = 0;
  std::uint64_t position = 0;
  std::uint64_t event = 0;
  std::uint64_t stop = 0;
  // Newest commit of the redo tail that the tables hold; 0 where there is none.
  // A smaller number never replaces a greater one.
  std::uint64_t tail = 0;

  friend bool operator==(const LedgerHead&, const LedgerHead&) = default;
};

struct LedgerCommit {
  // `epoch` must be the store's; the rest replaces the store's numbers.
  LedgerHead head;
  // Rows that go, before anything else: one that is not there is no error, and
  // its key and lookup are free for what follows.
  std::vector<RowKey> deletes;
  // New rows: a key or lookup that is taken fails the commit.
  std::vector<PersonalRow> inserts;
  // New or replaced rows.
  std::vector<PersonalRow> puts;
  std::vector<PublicRow> public_inserts;
  std::vector<PublicRow> public_puts;
  std::vector<EventRow> events;
  std::vector<LeafRow> leaves;
  std::vector<StopEntry> stops;
  // Events of earlier commits that go: one that is not there is no error.
  std::vector<EventKey> event_deletes;
  // Rows of the operator that go, before new ones: as `deletes`.
  std::vector<PublicRowKey> public_deletes;
};

// Thread-safe. Reads see every commit that returned OK before they began.
//
// Errors of every call:
//   kDataLoss     stored bytes are damaged.
//   kUnavailable  the store failed; for a write it is not known whether
//                 anything was stored.
class LedgerStore {
 public:
  virtual ~LedgerStore() = default;
  LedgerStore(const LedgerStore&) = delete;
  LedgerStore& operator=(const LedgerStore&) = delete;

  // Raises the epoch by one, durably, and returns the head with it. Whoever
  // took an earlier one can commit no more.
  virtual absl::StatusOr<LedgerHead> TakeEpoch() = 0;
  // The newest numbers.
  virtual absl::StatusOr<LedgerHead> Head() const = 0;

  // Stores all of it, durable on return, or nothing.
  //
  // Errors:
  //   kAborted            the epoch is not the store's newest.
  //   kAlreadyExists      an inserted key or lookup is taken.
  //   kResourceExhausted  no space is left.
  virtual absl::Status Commit(const LedgerCommit& commit) = 0;

  // Adds the plan, or replaces the one with the same first position. A plan
  // that is done drops the leaves it covers.
  //
  // Errors:
  //   kAborted  `epoch` is not the store's newest.
  virtual absl::Status PutPlan(std::uint64_t epoch, const PlanRow& plan) = 0;

  virtual absl::StatusOr<std::optional<PersonalRow>> Get(
      const RowKey& key) const = 0;
  virtual absl::StatusOr<std::optional<PersonalRow>> Find(
      RowKind kind, const RowId& lookup) const = 0;
  // Rows with this shard, person, kind and id and a sequence below `below`,
  // newest sequence first, at most `limit`.
  virtual absl::StatusOr<std::vector<PersonalRow>> ListDown(
      const RowKey& below, std::size_t limit) const = 0;
  // All rows of a kind of one person, by id and sequence.
  virtual absl::StatusOr<std::vector<PersonalRow>> ListKind(
      std::uint16_t shard, const PersonId& person, RowKind kind) const = 0;
  // Keys of the rows of one person, of whatever kind, in key order after
  // `after`, which names her and her shard; at most `limit`.
  virtual absl::StatusOr<std::vector<RowKey>> ListPerson(
      const RowKey& after, std::size_t limit) const = 0;
  // Keys of rows with 0 < due <= `now_ms`, earliest first, at most `limit`. A
  // store with a tail puts those that its tables do not have yet last.
  virtual absl::StatusOr<std::vector<RowKey>> Due(std::int64_t now_ms,
                                                  std::size_t limit) const = 0;
  // Keys of rows of a kind and state, in key order after `after`, at most
  // `limit`.
  virtual absl::StatusOr<std::vector<RowKey>> InState(
      RowKind kind, std::uint8_t state, const RowKey& after,
      std::size_t limit) const = 0;

  virtual absl::StatusOr<std::optional<PublicRow>> GetPublic(
      PublicKind kind, base::ByteView id) const = 0;
  // By id.
  virtual absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind) const = 0;
  // The same of those behind the id `after`, at most `limit`.
  virtual absl::StatusOr<std::vector<PublicRow>> ListPublic(
      PublicKind kind, base::ByteView after, std::size_t limit) const = 0;

  // Events of a service after `after`, in order, at most `limit`.
  virtual absl::StatusOr<std::vector<EventRow>> Events(
      const RowId& service, std::uint64_t after, std::size_t limit) const = 0;
  // Events about one person below position `below`, of whatever service,
  // newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<EventRow>> EventsAbout(
      const PersonId& person, std::uint64_t below, std::size_t limit) const = 0;
  // Stops after `after`, in order.
  virtual absl::StatusOr<std::vector<StopEntry>> Stops(
      std::uint64_t after) const = 0;

  // Leaves from `first` on, in order, at most `limit`.
  virtual absl::StatusOr<std::vector<LeafRow>> Leaves(
      std::uint64_t first, std::size_t limit) const = 0;
  // The plan with the greatest first position.
  virtual absl::StatusOr<std::optional<PlanRow>> LastPlan() const = 0;
  // The plan that covers `position`.
  virtual absl::StatusOr<std::optional<PlanRow>> PlanFor(
      std::uint64_t position) const = 0;

 protected:
  LedgerStore() = default;
};

// Where the persons' keys are, wrapped: a database of its own with its own
// backups. Thread-safe. Errors as above.
class PersonKeyStore {
 public:
  struct Wrapped {
    std::uint32_t epoch = 0;
    base::Bytes wrap;

    friend bool operator==(const Wrapped&, const Wrapped&) = default;
  };

  virtual ~PersonKeyStore() = default;
  PersonKeyStore(const PersonKeyStore&) = delete;
  PersonKeyStore& operator=(const PersonKeyStore&) = delete;

  // Durable on return.
  //
  // Errors:
  //   kAlreadyExists  the person has a key.
  virtual absl::Status Insert(const PersonId& person, const Wrapped& key) = 0;
  virtual absl::StatusOr<std::optional<Wrapped>> Get(
      const PersonId& person) const = 0;

  // Keeps the key of the person's log in place of an earlier one, of which
  // nothing stays in the store's files. Durable on return.
  virtual absl::Status PutLogKey(const PersonId& person,
                                 const Wrapped& key) = 0;
  virtual absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const PersonId& person) const = 0;

  // Destroys both keys, of which nothing stays in the store's files. None is no
  // error. Durable on return.
  virtual absl::Status Erase(const PersonId& person) = 0;

 protected:
  PersonKeyStore() = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_STORE_H_

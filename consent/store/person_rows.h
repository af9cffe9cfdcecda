// The rows of persons in a SQL database: where they are put, so that what a
// decision about one person reads lies on one page or two, and how they are
// found again. docs/formats/row-places.md

#ifndef LIMPID_CONSENT_STORE_PERSON_ROWS_H_
#define LIMPID_CONSENT_STORE_PERSON_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "common/storage/session.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Duties that wait for an answer, in key order. Repeats the condition of their
// index, or no planner takes it.
inline constexpr std::string_view kOpenDutiesSql =
    "SELECT shard, person, 9, id, sequence "
    "FROM person_row WHERE kind = 9 AND state <= 3 AND state = $1 "
    "AND (shard, person, id, sequence) > ($2, $3, $4, $5) "
    "ORDER BY shard, person, id, sequence LIMIT $6";

// Thread-safe. Every call runs in the transaction of its session; errors are
// those of storage::Session.
class PersonRows {
 public:
  // Shard and person.
  using Owner = std::pair<std::uint16_t, PersonId>;

  // What a transaction that writes has met and given out so far.
  struct Given {
    std::map<Owner, std::int64_t> numbers;
    // The next place at the end of the table; 0 before it was asked for.
    std::int64_t next_place = 0;
  };

  // One that is not there is no error.
  absl::Status Delete(storage::Session& session, const RowKey& key,
                      Given& given) const;
  // Errors:
  //   kAlreadyExists  the key or lookup is taken.
  absl::Status Insert(storage::Session& session, const PersonalRow& row,
                      Given& given) const;
  // Inserts or replaces.
  //
  // Errors:
  //   kAlreadyExists  the lookup is taken by another row.
  absl::Status Put(storage::Session& session, const PersonalRow& row,
                   Given& given) const;
  // Once the transaction is durable: the numbers need not be read again. Never
  // before: a number that was undone is given to somebody else.
  void Remember(const Given& given) const;

  // As in LedgerStore.
  absl::StatusOr<std::vector<PersonalRow>> Get(storage::Session& session,
                                               const RowKey& key) const;
  absl::StatusOr<std::vector<PersonalRow>> Find(storage::Session& session,
                                                RowKind kind,
                                                const RowId& lookup) const;
  absl::StatusOr<std::vector<PersonalRow>> ListDown(storage::Session& session,
                                                    const RowKey& below,
                                                    std::size_t limit) const;
  absl::StatusOr<std::vector<PersonalRow>> ListKind(storage::Session& session,
                                                    const Owner& owner,
                                                    RowKind kind) const;
  absl::StatusOr<std::vector<RowKey>> ListPerson(storage::Session& session,
                                                 const RowKey& after,
                                                 std::size_t limit) const;
  static absl::StatusOr<std::vector<RowKey>> Due(storage::Session& session,
                                                 std::int64_t now_ms,
                                                 std::size_t limit);
  static absl::StatusOr<std::vector<RowKey>> InState(storage::Session& session,
                                                     RowKind kind,
                                                     std::uint8_t state,
                                                     const RowKey& after,
                                                     std::size_t limit);

 private:
  // About 100 bytes each.
  static constexpr std::size_t kRemembered = 65'536;

  // The person's number; none when she has no rows.
  absl::StatusOr<std::optional<std::int64_t>> NumberOf(
      storage::Session& session, const Owner& owner) const;
  absl::StatusOr<std::optional<std::int64_t>> NumberOf(
      storage::Session& session, const Owner& owner, Given& given) const;
  // Gives her the next one.
  static absl::StatusOr<std::int64_t> GiveNumber(storage::Session& session,
                                                 const Owner& owner,
                                                 Given& given);
  void Keep(const Owner& owner, std::int64_t number) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  // Of committed rows: a number never changes.
  mutable std::map<Owner, std::int64_t> numbers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STORE_PERSON_ROWS_H_

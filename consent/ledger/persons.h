// The persons that the sequencer has in memory.

#ifndef LIMPID_CONSENT_LEDGER_PERSONS_H_
#define LIMPID_CONSENT_LEDGER_PERSONS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "consent/ids.h"
#include "consent/ledger/person_reading.h"
#include "consent/ledger/person_state.h"
#include "consent/ledger/residence.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// The persons in use, least recently used ones dropped, all of them when a
// commit fails. Used by the sequencer's thread alone, but for what says that it
// is thread-safe.
class Persons {
 public:
  // A record and whose it is.
  struct Subject {
    PersonState* person = nullptr;
    LiveRecord* record = nullptr;
  };

  // Of the texts of all delegations kept; they are some three times that in
  // memory. A person may have 1 MiB of them, most have none.
  static constexpr std::size_t kDelegationBytes = std::size_t{64} << 20U;

  // Keeps about `capacity` persons, 4 kB each, and `delegation_bytes` of what
  // they signed besides. The rest must outlive it.
  Persons(const LedgerStore& store, PersonKeys& keys, const Blinder& blinder,
          std::size_t capacity, std::size_t delegation_bytes = kDelegationBytes)
      : reading_{store, keys, blinder},
        capacity_(capacity),
        most_delegation_bytes_(delegation_bytes) {}

  // Errors:
  //   kNotFound  no key: no such person, or erased; or her erasing began.
  //   kDataLoss  something of hers does not open, or she is refused.
  absl::StatusOr<PersonState*> Load(const PersonId& person);
  // Errors:
  //   kNotFound  the person has no such record.
  //   kDataLoss  it does not open, or is refused.
  absl::StatusOr<LiveRecord*> LoadRecord(PersonState& person,
                                         const RecordId& record);
  // Both at once, with the fewest reads.
  //
  // Errors:
  //   kNotFound  nobody's, or its person has no key any more.
  absl::StatusOr<Subject> LoadSubject(const RecordId& record);
  // The same after ReadAhead for this record. Memory goes before what was read.
  absl::StatusOr<Subject> LoadSubject(PersonAhead ahead);
  // For a call about `record` that will be decided later. None where it is in
  // memory, or the sequencer's thread must read for itself. Thread-safe.
  [[nodiscard]] std::optional<PersonAhead> ReadAhead(
      const RecordId& record) const {
    return consent::ReadAhead(reading_, residence_, record);
  }
  // Those that were taken in so far. Thread-safe.
  [[nodiscard]] std::uint64_t read_ahead_count() const {
    return read_ahead_count_;
  }
  // A new one when the person has none.
  absl::StatusOr<DenialTally*> LoadTally(PersonState& person,
                                         const RowId& tally);
  // An empty one when nothing was asked.
  absl::StatusOr<AskedQuestion*> LoadQuestion(PersonState& person,
                                              const RowKey& key);
  // The newest notice of the record; one of number 0 when there is none.
  absl::StatusOr<BasisNotice*> LoadNotice(PersonState& person,
                                          const RecordId& record);
  // Adds one that was made.
  HeldDelegation& Keep(PersonState& person, HeldDelegation made);
  // Whose record it is.
  //
  // Errors:
  //   kNotFound  nobody's.
  absl::StatusOr<PersonId> OwnerOf(const RecordId& record);

  // From here on she, or this record, is refused as damaged while this lives,
  // whatever opens meanwhile: a restoring start could not do to it what it did
  // to the others, and only a start does.
  void Refuse(const PersonId& person) { refused_persons_.insert(person); }
  void Refuse(const RecordId& record) { refused_records_.insert(record); }

  // Forgets everything but what is refused: after a failed commit memory is
  // ahead of the store.
  void Clear();
  // Pointers to her die. After the commit that changed what is stored of her,
  // if one did while she was not here.
  void Forget(const PersonId& person);
  // Drops the least recently used over the limits. Pointers from Load die.
  void Trim();

 private:
  // About 80 bytes each.
  static constexpr std::size_t kOwnerCapacity = 262'144;
  // About 300 bytes each; of one person. Others are read again.
  static constexpr std::size_t kTallyCapacity = 4'096;
  using Recent = std::list<PersonId>;
  using Kept = std::unordered_map<
      PersonId, std::pair<std::unique_ptr<PersonState>, Recent::iterator>>;

  // Whoever goes goes here: what she has counts no more.
  void Drop(Kept::iterator at);
  PersonState* Put(std::unique_ptr<PersonState> person);
  // Takes her in, if that is what is stored of her, and no other is here.
  // Whether it did.
  bool Adopt(PersonAhead ahead);
  absl::StatusOr<PersonalRow> FindRow(const RecordId& record);
  void RememberOwner(const RecordId& record, const PersonId& person);
  absl::StatusOr<LiveRecord*> KeepRow(PersonState& person,
                                      const PersonalRow& row);
  // One of the person's rows, from memory or the store; a new one for none.
  template <typename T>
  absl::StatusOr<T*> LoadRow(const PersonState& person, const RowKey& key,
                             std::map<RowId, T>& kept);

  const PersonReading reading_;
  const std::size_t capacity_;
  const std::size_t most_delegation_bytes_;
  // Of everybody in persons_.
  std::size_t delegation_bytes_ = 0;
  // Persons with too many tallies; dropped by Trim, because what a batch has
  // changed is not in the store before its commit.
  std::vector<PersonId> crowded_;
  Residence residence_;
  std::atomic<std::uint64_t> read_ahead_count_ = 0;
  Recent recent_;
  Kept persons_;
  std::unordered_map<RecordId, PersonId> owners_;
  std::unordered_set<PersonId> refused_persons_;
  std::unordered_set<RecordId> refused_records_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_PERSONS_H_

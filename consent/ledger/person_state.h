// What the sequencer knows of one person while it decides: her key, the end of
// her chain of entries, her account, and the records in use. Loaded on demand,
// dropped as a whole when a commit fails.

#ifndef LIMPID_CONSENT_LEDGER_PERSON_STATE_H_
#define LIMPID_CONSENT_LEDGER_PERSON_STATE_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/delegation/delegation.h"
#include "consent/embargo/embargoed.h"
#include "consent/identity/account.h"
#include "consent/ids.h"
#include "consent/ledger/log_key.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"
#include "consent/log/denial_tally.h"
#include "consent/notice/basis_notice.h"
#include "consent/record/revision.h"

namespace limpid::consent {

struct PurposePseudonym {
  // The agreement's purpose.
  std::string purpose;
  Pseudonym pseudonym{};

  friend bool operator==(const PurposePseudonym&,
                         const PurposePseudonym&) = default;
};

// Uses counted in one period of the agreement's frequency.
struct PeriodUses {
  // From 0 at the beginning of the validity.
  std::uint64_t period = 0;
  std::uint64_t count = 0;

  friend bool operator==(const PeriodUses&, const PeriodUses&) = default;
};

// A record as it stands: its newest revision and what changes between
// revisions.
struct LiveRecord {
  Revision revision;
  std::uint64_t use_count = 0;
  // One per purpose of the agreement.
  std::vector<PurposePseudonym> pseudonyms;
  // Of the last grant; canonical JSON.
  std::string statement;
  // Entry of the last grant or withdrawal, 0 for none.
  std::uint64_t receipt_sequence = 0;
  // After a refusal: not before this may the service ask again.
  absl::Time ask_not_before = absl::UnixEpoch();
  // Of the newest period with a use.
  PeriodUses period_uses;
  // Positions of the agreement's lines that the service asked for; empty for
  // all of them.
  std::vector<std::uint16_t> asked_lines;
  // Under which it was granted or is being signed; none when the person
  // answered herself.
  DelegationId delegation;
  // Representatives who signed for the present content, in that order.
  std::vector<PersonId> signers;
  // Under which it was granted without asking; none when the person answered.
  StandingId standing;
  // Why it asked although a permission stood: a Mismatch by number, or 0.
  std::uint8_t standing_mismatch = 0;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one record.
  static absl::StatusOr<LiveRecord> Decode(base::ByteView bytes);

  friend bool operator==(const LiveRecord&, const LiveRecord&) = default;
};

// What an organisation may derive from one attribute of the person.
// docs/formats/asked-question.md
struct AskedQuestion {
  // The grant that began it.
  RecordId record;
  // "over_n/1"; empty when nothing was asked.
  std::string derivation;
  // Canonical JSON.
  std::string parameters;

  [[nodiscard]] bool none() const { return derivation.empty(); }
  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one question.
  static absl::StatusOr<AskedQuestion> Decode(base::ByteView bytes);

  friend bool operator==(const AskedQuestion&, const AskedQuestion&) = default;
};

struct PersonState {
  PersonId id;
  std::uint16_t shard = 0;
  PersonKey key;
  // For entries that are not there yet; none when the key store failed.
  EntryKeys entry_keys;
  Account account;
  // Of the newest entry of her chain; 0 and zero for none.
  std::uint64_t sequence = 0;
  base::Digest32 commitment{};
  std::unordered_map<RecordId, LiveRecord> records;
  // Day of the newest release that a deletion duty covers, per record.
  std::unordered_map<RecordId, std::int64_t> release_days;
  // All of them, ended ones too, and the bytes of their texts. Grows by
  // Persons::Keep alone.
  Delegations delegations;
  std::size_t delegation_bytes = 0;
  // Those in use.
  std::map<RowId, DenialTally> tallies;
  std::map<RowId, AskedQuestion> questions;
  // The newest of each record in use.
  std::map<RecordId, BasisNotice> notices;
  PersonEmbargo embargo;
};

// Keys of rows.
RowKey AccountRowKey(std::uint16_t shard, const PersonId& person);
RowKey RecordRowKey(std::uint16_t shard, const PersonId& person,
                    const RecordId& record);
RowKey RevisionRowKey(std::uint16_t shard, const PersonId& person,
                      const RecordId& record, std::uint64_t number);
RowKey EntryRowKey(std::uint16_t shard, const PersonId& person,
                   std::uint64_t sequence);

RowKey TallyRowKey(std::uint16_t shard, const PersonId& person,
                   const RowId& tally);
RowKey DelegationRowKey(std::uint16_t shard, const PersonId& person,
                        const DelegationId& delegation);
RowKey NoticeRowKey(std::uint16_t shard, const PersonId& person,
                    const RecordId& record, std::uint64_t number);

// The record's row, sealed.
PersonalRow RowOf(const LiveRecord& record, const PersonState& person);

// Whether the delegation that the record stands on, if any, is live at `time`.
[[nodiscard]] bool RepresentativeMay(const LiveRecord& record,
                                     const Delegations& delegations,
                                     absl::Time time);

// The persons in use, least recently used ones dropped. Used by the
// sequencer's thread alone.
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
      : store_(store),
        keys_(keys),
        blinder_(blinder),
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
  // Pointers to her die.
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
  absl::StatusOr<std::unique_ptr<PersonState>> Read(const PersonId& person);
  absl::StatusOr<PersonalRow> FindRow(const RecordId& record);
  absl::StatusOr<LiveRecord*> Adopt(PersonState& person,
                                    const PersonalRow& row) const;
  // One of the person's rows, from memory or the store; a new one for none.
  template <typename T>
  absl::StatusOr<T*> LoadRow(const PersonState& person, const RowKey& key,
                             std::map<RowId, T>& kept);

  const LedgerStore& store_;
  PersonKeys& keys_;
  const Blinder& blinder_;
  const std::size_t capacity_;
  const std::size_t most_delegation_bytes_;
  // Of everybody in persons_.
  std::size_t delegation_bytes_ = 0;
  // Persons with too many tallies; dropped by Trim, because what a batch has
  // changed is not in the store before its commit.
  std::vector<PersonId> crowded_;
  Recent recent_;
  Kept persons_;
  std::unordered_map<RecordId, PersonId> owners_;
  std::unordered_set<PersonId> refused_persons_;
  std::unordered_set<RecordId> refused_records_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_PERSON_STATE_H_

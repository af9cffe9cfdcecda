// What the sequencer knows of one person while it decides: her key, the end of
// her chain of entries, her account, and the records in use.

#ifndef LIMPID_CONSENT_LEDGER_PERSON_STATE_H_
#define LIMPID_CONSENT_LEDGER_PERSON_STATE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
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

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_PERSON_STATE_H_

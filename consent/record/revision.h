// One revision of a consent record: an immutable value whose hash covers
// everything, its predecessor included.
// docs/formats/consent-record-chain.md

#ifndef LIMPID_CONSENT_RECORD_REVISION_H_
#define LIMPID_CONSENT_RECORD_REVISION_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"
#include "consent/record/state.h"

namespace limpid::consent {

// How strongly a grant is bound to the person. Stored: append only.
enum class Evidence : std::uint8_t {
  kNone = 0,
  kKey = 1,
  kPasskey = 2,
  kSession = 3,
};

struct Revision {
  RecordState state = RecordState::kRequested;
  receipt::AccessKind event = receipt::AccessKind::kRequested;
  receipt::Actor actor = receipt::Actor::kPerson;
  Evidence evidence = Evidence::kNone;
  RecordId record;
  // From 1, without gaps.
  std::uint32_t number = 1;
  base::Digest32 predecessor{};
  PersonId person;
  ServiceId service;
  AgreementId agreement;
  std::uint32_t agreement_version = 0;
  base::Digest32 agreement_hash{};
  // Millisecond precision, like all times here.
  absl::Time time = absl::UnixEpoch();
  // When an unanswered request lapses.
  absl::Time answer_by = absl::UnixEpoch();
  // Validity [from, until); the epoch before a grant.
  absl::Time from = absl::UnixEpoch();
  absl::Time until = absl::UnixEpoch();
  // Counted when this revision was made.
  std::uint64_t use_count = 0;
  // Chosen lines as positions in the agreement, ascending.
  std::vector<std::uint16_t> lines;
  base::Digest32 grant_key{};
  base::Digest32 notice_hash{};
  // SHA-256 of what the person signed, zero for an unsigned revision.
  base::Digest32 statement_hash{};
  base::ByteArray<64> signature{};
  PersonId representative;
  RecordId follows;
  // For the person, at most 1,024 bytes.
  std::string reason;

  [[nodiscard]] base::Bytes Encode() const;
  [[nodiscard]] base::Digest32 Hash() const;
  // Errors:
  //   kInvalidArgument  not exactly one revision, or an unknown number.
  static absl::StatusOr<Revision> Decode(base::ByteView bytes);

  friend bool operator==(const Revision&, const Revision&) = default;
};

// The revision after `current` that `event` makes at `time`: next number,
// predecessor, state, and everything else carried over, unsigned. Time never
// goes back within a record.
//
// Errors:
//   kFailedPrecondition  the table of states has no such move.
absl::StatusOr<Revision> NextRevision(const Revision& current,
                                      RecordEvent event, receipt::Actor actor,
                                      absl::Time time);

// When the record needs attention by itself: the end of its validity or the
// lapse of a request; nothing when it waits for no time.
std::optional<absl::Time> DueOf(const Revision& revision);

// Its state at `now`: EXPIRED or LAPSED as soon as the time has come, before
// any revision says so.
RecordState EffectiveState(const Revision& revision, absl::Time now);

// Checks a whole history, oldest first: numbers, predecessors, one record, one
// person, one agreement version, times in order.
//
// Errors:
//   kDataLoss  any of it fails; the message says at which revision.
absl::Status CheckChain(std::span<const Revision> revisions);
// The same for a part of a history that ends with number `last`.
absl::Status CheckPart(std::span<const Revision> revisions, std::uint64_t last);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_REVISION_H_

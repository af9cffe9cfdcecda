// The rules of moving a record to another operator: what ends it at the old
// one, what the new one may activate. Pure: fencing, counting and keeping are
// the caller's. docs/formats/operator-move.md

#ifndef LIMPID_CONSENT_MOVE_MOVE_H_
#define LIMPID_CONSENT_MOVE_MOVE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/batch.h"
#include "common/receipt/move.h"
#include "consent/agreement/agreement.h"
#include "consent/record/revision.h"

namespace limpid::consent {

// The reason in the last revision of a moved record.
inline constexpr std::string_view kMovedReason = "moved";
// A record has few revisions; a longer chain, the end included, is not read and
// not ended for a move.
inline constexpr std::size_t kMaxMovedRevisions = 4'096;
// Two host names and 600 bytes for the rest; the statement is kept.
inline constexpr std::size_t kMaxMoveStatementBytes = 4'096;

// Against what the old operator checks a statement.
struct MoveOutFacts {
  std::string_view operator_name;
  // The newest revision, and its agreement.
  const Revision& current;
  const Agreement& agreement;
  // Counted after the record was fenced: nothing can be used any more.
  std::uint64_t use_count = 0;
  // The person's registered key.
  const crypto::Ed25519PublicKey& identity;
  absl::Time now;
};

// The revision that ends the record at the old operator.
//
// Errors:
//   kInvalidArgument     the statement is malformed, too long, by another key,
//                        or about another record, revision or operator; names
//                        which.
//   kFailedPrecondition  the record is not in force at `now`, no use is left,
//                        or its history is too long.
absl::StatusOr<Revision> MovedRevision(const MoveOutFacts& facts,
                                       const receipt::SignedMove& move);

// The batch item with which the old operator signs that `last` is the end of
// a record of this agreement, as stored: its time and notices are bound too.
base::Bytes MoveItem(const Revision& last, const Agreement& agreement);

// A move as it travels.
struct MoveExport {
  Agreement agreement;
  // First to last; the last is of MovedRevision.
  std::vector<Revision> revisions;
  std::string statement;
  receipt::BatchProof proof;

  // Canonical JSON.
  [[nodiscard]] std::string ToFile() const;
  // Errors:
  //   kInvalidArgument  not an export; the message names the member.
  static absl::StatusOr<MoveExport> Parse(std::string_view file);
};

// Against what the new operator checks an export.
struct MoveInFacts {
  std::string_view old_operator;
  const crypto::Ed25519PublicKey& old_evidence_key;
  std::string_view operator_name;
  const crypto::Ed25519PublicKey& evidence_key;
  // Of the person's account here: a key inside the file is never used.
  const crypto::Ed25519PublicKey& identity;
  absl::Time now;
};

// What may be activated.
struct MovedConsent {
  // Remember it in the commit that activates, and refuse one that is known.
  base::Digest32 move_id{};
  // Granted or paused.
  RecordState state = RecordState::kGranted;
  std::vector<std::uint16_t> lines;
  absl::Time from;
  absl::Time until;
  // Spent at the old operator already.
  std::uint64_t use_count = 0;
};

// Errors:
//   kDataLoss            a proof, signature, hash or the chain does not verify,
//                        or the end changes more than it may.
//   kInvalidArgument     the statement is about another record or operator, or
//                        the lines are not the agreement's; names which.
//   kFailedPrecondition  the record was not ended by this move, was not in
//                        force before it, has lapsed or has no use left.
absl::StatusOr<MovedConsent> CheckMoveIn(const MoveInFacts& facts,
                                         const MoveExport& moved);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_MOVE_MOVE_H_

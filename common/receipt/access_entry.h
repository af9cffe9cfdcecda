// The access entry and the commitment that stands for it in the public log.
// Holds names of attributes, never values.
// docs/formats/access-entry.md

#ifndef LIMPID_COMMON_RECEIPT_ACCESS_ENTRY_H_
#define LIMPID_COMMON_RECEIPT_ACCESS_ENTRY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"

namespace limpid::receipt {

// All of these are logged: append, never renumber.
enum class AccessKind : std::uint8_t {
  kReleaseDecided = 1,
  kGranted = 2,
  kRefused = 3,
  kDeferred = 4,
  kPaused = 5,
  kResumed = 6,
  kWithdrawn = 7,
  kRevoked = 8,
  kExpired = 9,
  kExhausted = 10,
  kInvalidated = 11,
  kSuperseded = 12,
  kTerminated = 13,
  kRequested = 14,
  kLapsed = 15,
  kRestored = 16,
  kNarrowed = 17,
  kStandingMade = 18,
  kStandingEnded = 19,
  // 25, 26 and 29 are kept for acts that are not built yet.
  kDelegationMade = 20,
  kDelegationEnded = 21,
  kDeletionAcknowledged = 22,
  kDeletionRefused = 23,
  // Refused reads after one that has its own entry; `revision` is their number.
  kDenialsCounted = 24,
  // A later version of the agreement asks for more.
  kReconsentAsked = 27,
  // What an entry said was erased at the person's request; `revision` is the
  // entry's number.
  kEntryErased = 28,
  // The service, or its agreement in a way that asks for no more.
  kServiceChanged = 30,
  // Her attribute may be counted in statistics of this epoch.
  kCounted = 31,
  // She was told of processing under another basis than consent or contract.
  kProcessingNotified = 33,
  // What became of earlier releases, as their source says; `completions`.
  kAccessCompleted = 34,
  // Accesses under embargo are told of from now on; embargo.h.
  kEmbargoEnded = 35,
};
inline constexpr AccessKind kLastAccessKind = AccessKind::kEmbargoEnded;

enum class Actor : std::uint8_t {
  kService = 1,
  kPerson = 2,
  kRepresentative = 3,
  kStaff = 4,
  kSystem = 5,
};

// GDPR Art. 6(1)(a) to (f).
enum class LegalBasis : std::uint8_t {
  kConsent = 1,
  kContract = 2,
  kLegalObligation = 3,
  kVitalInterests = 4,
  kPublicTask = 5,
  kLegitimateInterests = 6,
};

// Why a line was not released; consent.md section 3.
enum class Reason : std::uint8_t {
  kReleased = 0,
  kNoConsent = 1,
  kPurpose = 2,
  kExpired = 3,
  kPaused = 4,
  kWithdrawn = 5,
  kRevoked = 6,
  kInvalidated = 7,
  kLimit = 8,
  kPolicy = 9,
  kForm = 10,
  kCaller = 11,
  kNoticeOutdated = 12,
  kRepresentative = 13,
};

// What became of a release that was allowed, as the source says that got the
// permit. Nobody says it twice of one access.
enum class AccessOutcome : std::uint8_t {
  // Everything that was allowed was handed to the network.
  kReleased = 1,
  // No value left.
  kNothingSent = 2,
  // The answer broke off: how much of it left is not known.
  kFailed = 3,
  // A part of what was allowed was handed to the network; there was no more.
  kPartial = 4,
};
// Earlier entries that one entry completes.
inline constexpr std::size_t kMaxCompletions = 256;

struct Completion {
  // Of the completed entry, in the same chain.
  std::uint64_t sequence = 0;
  AccessOutcome outcome = AccessOutcome::kFailed;

  friend bool operator==(const Completion&, const Completion&) = default;
};

// "released", "nothing sent", …
std::string_view OutcomeName(AccessOutcome outcome);

// "RELEASED", "NO_CONSENT", …, as people and JSON read it.
std::string_view ReasonName(Reason reason);
// "release", "granted", …
std::string_view AccessKindName(AccessKind kind);

struct AccessLine {
  std::string attribute;
  // A Form of permit.h by number, 0 when nothing was granted.
  std::uint8_t form = 0;
  std::string derivation;
  std::string parameters;
  Reason reason = Reason::kNoConsent;

  friend bool operator==(const AccessLine&, const AccessLine&) = default;
};

struct AccessEntry {
  AccessKind kind = AccessKind::kReleaseDecided;
  Actor actor = Actor::kService;
  base::ByteArray<16> access{};
  absl::Time time;
  // Of this person, from 1 without gaps.
  std::uint64_t sequence = 0;
  base::Digest32 previous{};
  base::ByteArray<16> service{};
  base::ByteArray<16> record{};
  std::uint64_t revision = 0;
  LegalBasis basis = LegalBasis::kConsent;
  std::string purpose;
  base::ByteArray<16> system{};
  base::ByteArray<16> snapshot{};
  std::vector<AccessLine> lines;
  // Commits to what came under embargo since the last entry, nothing included;
  // of an entry under embargo, its terms. embargo.h
  base::Digest32 embargo{};
  // Of kAccessCompleted only: 1 to kMaxCompletions, by sequence, each below the
  // entry's own.
  std::vector<Completion> completions = {};

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one entry, or an unknown number.
  static absl::StatusOr<AccessEntry> Decode(base::ByteView bytes);

  friend bool operator==(const AccessEntry&, const AccessEntry&) = default;
};

// HMAC-SHA-256(key "mim4.commit.v1", opening || u8 len(context) || context ||
// u32 len(message) || message). Hiding while the opening is secret, binding
// for whoever made it. `context` has at most 255 bytes.
base::Digest32 Commit(const base::ByteArray<32>& opening,
                      std::string_view context, base::ByteView message);

// The commitment of an encoded access entry (context "access"); its leaf is
// tlog::CommitmentLeaf(kAccess, commitment).
base::Digest32 CommitAccessEntry(const base::ByteArray<32>& opening,
                                 base::ByteView encoded_entry);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_ACCESS_ENTRY_H_

// How many persons are behind datasets' snapshots in one month, as an operator
// of consent publishes it: the figures, and the entry of the register log that
// carries them. What anybody reads and verifies; how figures are made is
// consent's (consent/training/consent_facts.h). docs/formats/consent-facts.md

#ifndef LIMPID_COMMON_RECEIPT_CONSENT_FACTS_H_
#define LIMPID_COMMON_RECEIPT_CONSENT_FACTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

// Figures are multiples of it; less is "fewer than ten".
inline constexpr std::uint64_t kFactsUnit = 10;
// Of one month: what an entry of the log has room for.
inline constexpr std::size_t kMaxFactsSnapshots = 1'000;

// Ids are those of the register, without their prefix.
struct SnapshotFacts {
  base::ByteArray<16> dataset{};
  base::ByteArray<16> snapshot{};
  // Whose figures these are: its own, or those of an earlier one that it
  // cannot be told apart from.
  base::ByteArray<16> figures_of{};
  // A multiple of kFactsUnit; 0 says fewer than that.
  std::uint64_t persons = 0;
  // As `persons`. None: not shown.
  std::optional<std::uint64_t> withdrawn;

  friend bool operator==(const SnapshotFacts&, const SnapshotFacts&) = default;
};

// What is published of one month.
struct ConsentFacts {
  absl::CivilMonth month;
  // Earlier ones first; each once; at most kMaxFactsSnapshots.
  std::vector<SnapshotFacts> snapshots;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly the facts of one month.
  static absl::StatusOr<ConsentFacts> Decode(base::ByteView bytes);

  friend bool operator==(const ConsentFacts&, const ConsentFacts&) = default;
};

// In UTC.
absl::CivilMonth FactsMonth(absl::Time time);

// An entry without its signature.
struct ConsentFactsEntry {
  // The evidence key of the consent role that counted.
  crypto::Ed25519PublicKey operator_key;
  // When it was counted; millisecond resolution.
  absl::Time time;
  ConsentFacts facts;

  friend bool operator==(const ConsentFactsEntry&,
                         const ConsentFactsEntry&) = default;
};

// The entry of the log. `entry` must keep the rules of the format page; its
// operator key is filled in.
base::Bytes SignConsentFacts(ConsentFactsEntry entry,
                             const crypto::Ed25519PrivateKey& operator_key);

// Whether an entry of the register log is one of these, by its first byte.
[[nodiscard]] bool IsConsentFacts(base::ByteView entry);

// Checks fields, figures and signature, by the key inside.
//
// Errors:
//   kDataLoss  not such an entry.
absl::StatusOr<ConsentFactsEntry> ParseConsentFacts(base::ByteView entry);

// What an auditor remembers of a whole log. Thread-compatible.
class ConsentFactsMonths {
 public:
  // Takes the next entry in the order of the log.
  //
  // Errors:
  //   kDataLoss  it does not parse, or is not of a later month than the one
  //              before it of the same operator: a month was told twice.
  absl::Status Take(base::ByteView entry);

 private:
  std::map<base::ByteArray<32>, absl::CivilMonth> newest_;
};

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_CONSENT_FACTS_H_

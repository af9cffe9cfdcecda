// How many persons are behind a dataset's snapshots, as anybody may know it:
// once a month, in multiples of ten, and never so that one person can be seen
// coming or going. Values and functions. docs/formats/consent-facts.md

#ifndef LIMPID_CONSENT_TRAINING_CONSENT_FACTS_H_
#define LIMPID_CONSENT_TRAINING_CONSENT_FACTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/ids.h"
#include "consent/training/algorithm_register.h"

namespace limpid::consent {

// Figures are multiples of it; less is "fewer than ten".
inline constexpr std::uint64_t kFactsUnit = 10;

// What is so now; leaves the process in no form but through NextFacts.
struct ExactCount {
  DatasetId dataset;
  SnapshotId snapshot;
  std::uint64_t persons = 0;
  // Of `persons`.
  std::uint64_t withdrawn = 0;
  // The register's log says that something was released for it.
  bool committed = false;
};

struct SnapshotFacts {
  DatasetId dataset;
  SnapshotId snapshot;
  // Whose figures these are: its own, or those of an earlier one that it
  // cannot be told apart from.
  SnapshotId figures_of;
  // A multiple of kFactsUnit; 0 says fewer than that.
  std::uint64_t persons = 0;
  // As `persons`. None: not shown.
  std::optional<std::uint64_t> withdrawn;

  friend bool operator==(const SnapshotFacts&, const SnapshotFacts&) = default;
};

// What is published of one month.
struct ConsentFacts {
  absl::CivilMonth month;
  // Earlier ones first; each once.
  std::vector<SnapshotFacts> snapshots;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly the facts of one month.
  static absl::StatusOr<ConsentFacts> Decode(base::ByteView bytes);

  friend bool operator==(const ConsentFacts&, const ConsentFacts&) = default;
};

// In UTC.
absl::CivilMonth FactsMonth(absl::Time time);

// Whether a turn is due: nothing was published, or that of an earlier month.
bool IsFactsTurn(const std::optional<ConsentFacts>& published,
                 absl::CivilMonth month);

// The facts of `month`: those that are published when no turn is due, whatever
// is so now. Otherwise they depend on `published` for the order of snapshots
// alone, and on no remainder of a division by kFactsUnit. `exact` has each
// snapshot once, in any order; one that is published and not in it has nobody.
ConsentFacts NextFacts(const std::optional<ConsentFacts>& published,
                       absl::CivilMonth month,
                       const std::vector<ExactCount>& exact);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_CONSENT_FACTS_H_

// How many persons are behind a dataset's snapshots, as anybody may know it:
// once a month, in multiples of ten, and never so that one person can be seen
// coming or going. Values and functions. docs/formats/consent-facts.md

#ifndef LIMPID_CONSENT_TRAINING_CONSENT_FACTS_H_
#define LIMPID_CONSENT_TRAINING_CONSENT_FACTS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/receipt/consent_facts.h"
#include "consent/ids.h"
#include "consent/training/algorithm_register.h"

namespace limpid::consent {

using receipt::ConsentFacts;
using receipt::FactsMonth;
using receipt::kFactsUnit;
using receipt::SnapshotFacts;

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

// Whether a turn is due: nothing was published, or that of an earlier month.
bool IsFactsTurn(const std::optional<ConsentFacts>& published,
                 absl::CivilMonth month);

// The facts of `month`: those that are published when no turn is due, whatever
// is so now. Otherwise they depend on `published` for the order of snapshots
// and for who withdrew as it was shown, and on no remainder of a division by
// kFactsUnit. `exact` has each snapshot once, in any order; one that is
// published and not in it has nobody.
ConsentFacts NextFacts(const std::optional<ConsentFacts>& published,
                       absl::CivilMonth month,
                       const std::vector<ExactCount>& exact);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_TRAINING_CONSENT_FACTS_H_

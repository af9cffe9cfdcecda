// Small groups for publication: who is alone in a cell is not to be counted in
// the open. docs/formats/evidence-bundle.md, "Small groups".

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_MERGE_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_MERGE_H_

#include <cstddef>
#include <cstdint>

#include "algoregister/evidence/counts.h"

namespace limpid::algoregister::evidence {

struct Merged {
  // With kOtherGroup in its place by name, if anything was merged and is not
  // withheld. The reference is gone if it was merged.
  Grouping grouping;
  // Groups that went into kOtherGroup.
  std::size_t merged_count = 0;
  // Of these, groups that were large enough and went in so that a total does
  // not give away the others.
  std::size_t complement_count = 0;
  // What was merged is still small, and all of it: its counts are not shown.
  bool withheld = false;
};

// Merges the groups in which n or a count is below `k`.
Merged MergeSmall(const Grouping& grouping, std::int64_t k);
// The evidence with every grouping merged; calibration of groups that are gone
// goes too.
Evidence Published(const Evidence& evidence);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_MERGE_H_

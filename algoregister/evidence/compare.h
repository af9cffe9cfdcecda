// Two result sets over the same cases side by side, for example a system's and
// people's decisions: where they agree, by group. Pure and deterministic.
// docs/formats/evidence-bundle.md, "Result sets".

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_COMPARE_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_COMPARE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "algoregister/evidence/fraction.h"
#include "algoregister/evidence/interval.h"
#include "common/base/bytes.h"

namespace limpid::algoregister::evidence {

// Of one file.
inline constexpr std::size_t kMaxResultSetBytes = std::size_t{3} << 20U;
// Different results of both files together.
inline constexpr std::size_t kMaxResults = 20;
// Pairs of results that occur, over all groups together: each is a row of the
// answer.
inline constexpr std::size_t kMaxResultPairs = 20'000;

struct Agreement {
  // Empty for all cases.
  std::string attribute;
  std::string group;
  std::int64_t n = 0;
  std::int64_t agreed = 0;
  // agreed / n, and Wilson's interval at 95 %.
  double rate = 0;
  Interval interval;
  // Cohen's (1960); nothing where chance alone agrees always.
  std::optional<double> kappa;
  // Cases by (left result, right result), each a place among
  // Comparison::results; pairs that do not occur are left out.
  std::map<std::pair<std::size_t, std::size_t>, std::int64_t> cells;
};

struct Comparison {
  // SHA-256 of each set as it was given, so that a report names what it is of.
  base::Digest32 left{};
  base::Digest32 right{};
  // Of both sets, by name.
  std::vector<std::string> results;
  // All cases first, then by attribute in the order of the left file's columns
  // and by group.
  std::vector<Agreement> agreements;
};

// Both are CSV with the columns `case`, `result` and at most kMaxGroupColumns
// (bundle.h) others, which are groups. A group column that both have must say
// the same; one that the right set alone has is passed over.
//
// Errors:
//   kInvalidArgument     "left: line N: reason" or "right: ...".
//   kFailedPrecondition  not the same cases; the message says how many are in
//                        one of them alone.
//   kResourceExhausted   over a limit.
absl::StatusOr<Comparison> Compare(std::string_view left,
                                   std::string_view right);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_COMPARE_H_

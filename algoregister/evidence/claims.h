// What an evaluation claims, and whether its evidence says the same.
// docs/formats/evidence-bundle.md, "Marks".

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_CLAIMS_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_CLAIMS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/evidence/counts.h"
#include "algoregister/evidence/metrics.h"
#include "common/json/value.h"

namespace limpid::algoregister::evidence {

// How far a claimed value may be off.
inline constexpr double kValueTolerance = 1e-12;
// How far the ends of a claimed interval may be off: they need a quantile.
inline constexpr double kIntervalTolerance = 1e-9;
// Of one evaluation; a list of a registration has as many at most.
inline constexpr std::size_t kMaxClaims = 500;

struct Claim {
  // As claimed; may be unknown here.
  std::string metric;
  // Empty for the only grouping.
  std::string attribute;
  // Empty for all.
  std::string group;
  double value = 0;
  std::optional<double> ci_low;
  std::optional<double> ci_high;
  // To how many decimals the claim was rounded. A number with more of them was
  // not, and has no allowance for it.
  std::optional<int> decimals;
  // Why the claim cannot be read; what is above may then be missing. Empty for
  // one that can.
  std::string unreadable;
};

// Stored by nobody, shown by everybody: the headline of an evaluation.
enum class Mark { kRecomputed, kDiffers, kNotCheckable };

// "recomputed", "differs", "not_checkable".
std::string_view MarkName(Mark mark);

struct CheckedClaim {
  Claim claim;
  Mark mark = Mark::kNotCheckable;
  // Nothing where the claim gives no interval.
  std::optional<Mark> interval_mark;
  // What it was compared with; the metric is null for an unknown id.
  const MetricSpec* metric = nullptr;
  MetricValue recomputed;
  // Why not, or what differs. For people.
  std::string reason;
};

// A list of claims out of a bundle or a registration.
//
// Errors:
//   kInvalidArgument  "<pointer>: reason".
absl::StatusOr<std::vector<Claim>> ReadClaims(const json::Value& list,
                                              std::string_view pointer);
// The same of a list that was published: a claim that cannot be read says so,
// and does not take the others with it.
//
// Errors:
//   kInvalidArgument  no list, or too long: "<pointer>: reason".
absl::StatusOr<std::vector<Claim>> ReadEachClaim(const json::Value& list,
                                                 std::string_view pointer);

// Every claim with its mark; in order. One that could not be read is not
// checkable.
std::vector<CheckedClaim> CheckClaims(const Evidence& evidence,
                                      std::span<const Claim> claims);
// Every claim as not checkable, for `reason`.
std::vector<CheckedClaim> Uncheckable(std::span<const Claim> claims,
                                      std::string_view reason);

struct MarkCounts {
  std::size_t recomputed = 0;
  std::size_t differs = 0;
  std::size_t not_checkable = 0;
};

// A claim counts by the worse of its two marks: differs, then not checkable.
MarkCounts CountMarks(std::span<const CheckedClaim> claims);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_CLAIMS_H_

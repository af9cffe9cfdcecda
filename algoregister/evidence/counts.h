// What an evaluation counted: cases per group by what was predicted and what
// was true, and the choices that metrics depend on. Values.
// docs/formats/evidence-bundle.md

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_COUNTS_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_COUNTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace limpid::algoregister::evidence {

// Of one evaluation: exact arithmetic holds products of four.
inline constexpr std::int64_t kMaxCases = 1'000'000'000;
// Groups of one grouping: a plot and a table of more help nobody.
inline constexpr std::size_t kMaxGroups = 500;
// Of all groupings: each costs some thirty metrics in every answer.
inline constexpr std::size_t kMaxGroupsInAll = 1'000;
// What small groups are merged into.
inline constexpr std::string_view kOtherGroup = "other (small groups)";
// Between the columns and values of an intersection.
inline constexpr std::string_view kJoin = " & ";

// Of the positive class: true and false positives and negatives.
struct Counts {
  std::int64_t tp = 0;
  std::int64_t fp = 0;
  std::int64_t fn = 0;
  std::int64_t tn = 0;
  // Cases in which a person decided otherwise than the system; none where
  // nobody noted it.
  std::optional<std::int64_t> overridden;

  [[nodiscard]] std::int64_t n() const { return tp + fp + fn + tn; }
  // `overridden` stays only where both have it.
  Counts& operator+=(const Counts& other);
  friend bool operator==(const Counts&, const Counts&) = default;
};

// The same cases with the classes exchanged.
Counts Exchanged(const Counts& counts);
// Whether n or one of the four counts is below `k`.
bool IsSmall(const Counts& counts, std::int64_t k);

struct Group {
  std::string name;
  Counts counts;

  friend bool operator==(const Group&, const Group&) = default;
};

// The cases divided by one attribute, or by an intersection of several.
struct Grouping {
  // Column, or columns with kJoin between them.
  std::string attribute;
  // By name.
  std::vector<Group> groups;
  // Name of the group that others are compared with.
  std::optional<std::string> reference;

  [[nodiscard]] const Group* Find(std::string_view name) const;
  [[nodiscard]] Counts Total() const;
  friend bool operator==(const Grouping&, const Grouping&) = default;
};

// Errors:
//   kResourceExhausted  over kMaxGroups or kMaxGroupsInAll.
absl::Status CheckGroupCount(std::span<const Grouping> groupings);

// Which prediction is good for the person.
enum class Favourable { kPositive, kNegative };

struct Settings {
  Favourable favourable = Favourable::kPositive;
  // Confidence level of intervals, above 0.5 and below 1.
  double level = 0.95;
  // Groups in which a count is below it are small.
  std::int64_t k = 10;
  // Bound of parity verdicts, in thousandths, 1 to 1,000. The four-fifths rule.
  std::int64_t tau_thousandths = 800;

  friend bool operator==(const Settings&, const Settings&) = default;
};

// Cases of one group whose scores fell in one tenth of 0 to 1.
struct CalibrationBin {
  std::int64_t n = 0;
  std::int64_t positives = 0;
  // Sum of the scores, added in the order of the rows.
  double score_sum = 0;
};

struct Calibration {
  std::string attribute;
  std::string group;
  // Ten, from 0 to 1; a score of 1 is in the last.
  std::vector<CalibrationBin> bins;
};

struct Evidence {
  Settings settings;
  std::vector<Grouping> groupings;
  // All cases; none where groupings disagree about how many there are.
  std::optional<Counts> total;
  // One per group, where there are scores from 0 to 1.
  std::vector<Calibration> calibrations;

  [[nodiscard]] const Grouping* Find(std::string_view attribute) const;
};

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_COUNTS_H_

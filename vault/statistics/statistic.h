// What can be counted over a cohort: which functions an attribute's schema
// allows, what of a value counts, and how a tally becomes an answer. Pure
// functions but for the noise; knows no person and no store.
// docs/statistics.md has epsilon, sensitivity and what it does not protect.

#ifndef LIMPID_VAULT_STATISTICS_STATISTIC_H_
#define LIMPID_VAULT_STATISTICS_STATISTIC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/json/value.h"
#include "vault/attribute/definition.h"

namespace limpid::vault {

// Stored: append, never renumber. Numbers are those of
// limpid.vault.v1.StatisticFunction.
enum class StatisticFunction : std::uint8_t {
  // How many have a value.
  kCount = 1,
  // Of whole numbers.
  kSum = 2,
  kMean = 3,
  // How many have each value.
  kHistogram = 4,
};

// "count", "sum", "mean", "histogram", as hashed into the question.
std::string_view FunctionName(StatisticFunction function);

// Privacy loss in thousandths of epsilon. One answer, whatever it asks:
inline constexpr std::uint32_t kAnswerEpsilonMilli = 500;
// and of one person and attribute in a calendar year, over all services.
inline constexpr std::uint32_t kYearEpsilonMilli = 4'000;
// No group below it is told apart from noise more than once in a hundred.
inline constexpr std::int64_t kSmallestGroup = 10;
// Noise of a count that has the whole epsilon, and of one that has half of it.
inline constexpr std::uint64_t kWholeScale = 2;
inline constexpr std::uint64_t kHalfScale = 4;
// A noisy count below this is not published: the smallest number that a group
// of nine reaches with probability at most 1/100. Under the whole and the half.
inline constexpr std::int64_t kWholeThreshold = 18;
inline constexpr std::int64_t kHalfThreshold = 26;
// Bounds: sums of 100,000 persons stay far below 2^63, and a histogram is read
// by people.
inline constexpr std::int64_t kMaxRange = 1'000'000;
inline constexpr std::size_t kMaxCells = 64;

// What the schema says of the values.
struct Countable {
  // Values that are whole numbers from `low` to `high`.
  struct Range {
    std::int64_t low = 0;
    std::int64_t high = 0;
  };
  std::optional<Range> range;
  // Canonical JSON of every value there is, in the schema's order, when there
  // are at most kMaxCells.
  std::vector<std::string> values;
};

// Errors:
//   kFailedPrecondition  a direct identifier, or a schema that allows values
//                        without bounds: only "type":"boolean", "enum" and
//                        bounded integers can be counted; or one that has no
//                        such function.
absl::StatusOr<Countable> CountableFor(const Definition& definition,
                                       StatisticFunction function);

// What is known of the cohort before the noise. Secret as the values are.
struct Tally {
  std::int64_t count = 0;
  // Of what is above `low`.
  std::int64_t sum_above_low = 0;
  // By Countable::values.
  std::vector<std::int64_t> cells;
};

// Counts one value; false when it is none that the schema allows.
bool Count(const Countable& countable, std::string_view value_json,
           Tally& tally);

struct StatisticCell {
  // Canonical JSON.
  std::string value;
  // None when it is too little.
  std::optional<std::int64_t> count;

  friend bool operator==(const StatisticCell&, const StatisticCell&) = default;
};

// An answer that may be shown to anybody.
struct Statistic {
  // False: too few, and nothing else is set.
  bool published = false;
  // With noise, at least 0; not of a histogram.
  std::int64_t count = 0;
  std::int64_t sum = 0;
  // In thousandths.
  std::int64_t mean_milli = 0;
  std::vector<StatisticCell> cells;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one.
  static absl::StatusOr<Statistic> Decode(base::ByteView bytes);

  friend bool operator==(const Statistic&, const Statistic&) = default;
};

// Adds the noise and leaves out what is too little. kAnswerEpsilonMilli in all.
Statistic Noised(const Countable& countable, StatisticFunction function,
                 const Tally& tally, crypto::RandomSource& random);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STATISTICS_STATISTIC_H_

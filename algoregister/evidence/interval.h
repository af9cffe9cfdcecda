// Confidence intervals of rates, of differences and quotients of two rates.
// Pure functions of counts and a level.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_INTERVAL_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_INTERVAL_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace limpid::algoregister::evidence {

// x of n cases; 0 <= x <= n.
struct Proportion {
  std::int64_t x = 0;
  std::int64_t n = 0;
};

struct Interval {
  double low = 0;
  double high = 0;
  // "wilson", "newcombe", "katz".
  std::string_view method;
};

// Quantile of the normal distribution for a two-sided interval at `level`,
// above 0.5 and below 1: 1.959963984540054 for 0.95.
double TwoSidedQuantile(double level);

// Wilson (1927), the score interval without correction. Nothing for n = 0.
std::optional<Interval> WilsonInterval(const Proportion& rate, double level);

// left - right: Newcombe (1998), method 10, from two score intervals. Nothing
// if either n is 0.
std::optional<Interval> NewcombeInterval(const Proportion& left,
                                         const Proportion& right, double level);

// left / right on the log scale, Katz et al. (1978). Nothing if either x is 0.
std::optional<Interval> KatzInterval(const Proportion& left,
                                     const Proportion& right, double level);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_INTERVAL_H_

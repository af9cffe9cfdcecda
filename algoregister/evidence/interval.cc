#include "algoregister/evidence/interval.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <optional>

namespace limpid::algoregister::evidence {
namespace {

double Ratio(const Proportion& rate) {
  return static_cast<double>(rate.x) / static_cast<double>(rate.n);
}

}  // namespace

double TwoSidedQuantile(double level) {
  const double tail = (1 - level) / 2;
  // Newton's method on the upper tail erfc(z / sqrt 2) / 2, which is convex
  // from 0 on: from 0 every step stays below the root and comes nearer.
  double z = 0;
  constexpr int kSteps = 200;
  for (int step = 0; step < kSteps; ++step) {
    const double density =
        std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    const double above = std::erfc(z / std::numbers::sqrt2) / 2;
    const double next = z + (above - tail) / density;
    if (next == z) break;
    z = next;
  }
  return z;
}

std::optional<Interval> WilsonInterval(const Proportion& rate, double level) {
  if (rate.n == 0) return std::nullopt;
  const double z = TwoSidedQuantile(level);
  const auto n = static_cast<double>(rate.n);
  const double p = Ratio(rate);
  const double scale = 1 + z * z / n;
  const double centre = (p + z * z / (2 * n)) / scale;
  const double half =
      z * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / scale;
  // At the ends the score interval meets 0 and 1, which rounding may miss.
  const double low = rate.x == 0 ? 0 : std::max(0.0, centre - half);
  const double high = rate.x == rate.n ? 1 : std::min(1.0, centre + half);
  return Interval{.low = low, .high = high, .method = "wilson"};
}

std::optional<Interval> NewcombeInterval(const Proportion& left,
                                         const Proportion& right,
                                         double level) {
  const auto first = WilsonInterval(left, level);
  const auto second = WilsonInterval(right, level);
  if (!first || !second) return std::nullopt;
  const double p = Ratio(left);
  const double q = Ratio(right);
  return Interval{.low = p - q - std::hypot(p - first->low, second->high - q),
                  .high = p - q + std::hypot(first->high - p, q - second->low),
                  .method = "newcombe"};
}

std::optional<Interval> KatzInterval(const Proportion& left,
                                     const Proportion& right, double level) {
  if (left.x == 0 || right.x == 0) return std::nullopt;
  const auto inverse = [](std::int64_t count) {
    return 1 / static_cast<double>(count);
  };
  const double error = std::sqrt(inverse(left.x) - inverse(left.n) +
                                 inverse(right.x) - inverse(right.n));
  const double factor = std::exp(TwoSidedQuantile(level) * error);
  const double ratio = Ratio(left) / Ratio(right);
  return Interval{
      .low = ratio / factor, .high = ratio * factor, .method = "katz"};
}

}  // namespace limpid::algoregister::evidence

// Whether the time of an operation tells two classes of inputs apart, as dudect
// asks it (Reparaz, Balasch and Verbauwhede: Dude, is my code constant time?,
// 2017): both classes in random order, times over a percentile cut off, Welch's
// t over the rest. |t| over 10 is a difference that noise does not make.

#ifndef LIMPID_TESTS_TESTING_DUDECT_H_
#define LIMPID_TESTS_TESTING_DUDECT_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "absl/functional/function_ref.h"

namespace limpid::testing {

inline constexpr double kTellingT = 10;

struct TimingVerdict {
  // The largest |t| over the cuts.
  double t = 0;
  // Medians, in nanoseconds.
  double first_ns = 0;
  double second_ns = 0;
};

namespace dudect {

using Times = std::vector<double>;

inline double Percentile(Times times, double share) {
  const auto at = static_cast<std::ptrdiff_t>(
      share * static_cast<double>(times.size() - 1));
  std::nth_element(times.begin(), times.begin() + at, times.end());
  return times[static_cast<std::size_t>(at)];
}

struct Moments {
  double count = 0;
  double mean = 0;
  double variance = 0;
};

inline Moments Of(const Times& times, double cut) {
  Moments out;
  double squares = 0;
  for (const double time : times) {
    if (time > cut) continue;
    ++out.count;
    const double delta = time - out.mean;
    out.mean += delta / out.count;
    squares += delta * (time - out.mean);
  }
  if (out.count > 1) out.variance = squares / (out.count - 1);
  return out;
}

inline double Welch(const Moments& first, const Moments& second) {
  const double spread =
      first.variance / first.count + second.variance / second.count;
  return spread > 0 ? (first.mean - second.mean) / std::sqrt(spread) : 0;
}

}  // namespace dudect

// Takes `measurements` times of one of `operation(false)` and `operation(true)`
// each, in random order. The first tenth warms up.
inline TimingVerdict CompareTimes(std::size_t measurements,
                                  absl::FunctionRef<void(bool)> operation) {
  std::mt19937_64 random(std::random_device{}());
  std::array<dudect::Times, 2> times;
  for (std::size_t i = 0; i < measurements; ++i) {
    const bool second = (random() & 1U) != 0;
    const auto start = std::chrono::steady_clock::now();
    operation(second);
    const std::chrono::duration<double, std::nano> took =
        std::chrono::steady_clock::now() - start;
    if (i >= measurements / 10) times[second ? 1 : 0].push_back(took.count());
  }
  TimingVerdict out;
  out.first_ns = dudect::Percentile(times[0], 0.5);
  out.second_ns = dudect::Percentile(times[1], 0.5);
  dudect::Times all = times[0];
  all.insert(all.end(), times[1].begin(), times[1].end());
  for (const double share : {1.0, 0.99, 0.95, 0.9, 0.75, 0.5}) {
    const double cut = dudect::Percentile(all, share);
    const double t =
        dudect::Welch(dudect::Of(times[0], cut), dudect::Of(times[1], cut));
    out.t = std::max(out.t, std::fabs(t));
  }
  return out;
}

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_DUDECT_H_

// A stochastic tester: draws for real and refuses a distribution that is not
// the stated one. By the inequalities of Hoeffding and of Dvoretzky, Kiefer,
// Wolfowitz and Massart each check raises a false alarm with probability at
// most 1e-9, so that all of this file does in less than one of ten million
// runs; a scale that is off by a tenth is found practically always, which the
// last test shows.

#include "vault/statistics/noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "common/crypto/random.h"
#include "gtest/gtest.h"
#include "tests/unit/vault/buffered_random.h"

namespace limpid::vault {
namespace {

constexpr double kFalseAlarm = 1e-9;
constexpr std::size_t kDraws = 400'000;

// How far a share of `draws` may be from its probability.
double Tolerance(std::size_t draws) {
  return std::sqrt(std::log(2 / kFalseAlarm) /
                   (2 * static_cast<double>(draws)));
}

// The largest difference between the shares of what `draw` gives and the
// probabilities of discrete Laplace of `scale`, over the distribution function
// at -20 to 20.
double Distance(double scale, const std::function<std::int64_t()>& draw) {
  std::map<std::int64_t, std::size_t> seen;
  for (std::size_t i = 0; i < kDraws; ++i) ++seen[draw()];
  const double q = std::exp(-1 / scale);
  double worst = 0;
  for (std::int64_t z = -20; z <= 20; ++z) {
    std::size_t below = 0;
    for (const auto& [value, count] : seen) {
      if (value <= z) below += count;
    }
    const double share =
        static_cast<double>(below) / static_cast<double>(kDraws);
    const double at_most =
        z < 0 ? std::pow(q, static_cast<double>(-z)) / (1 + q)
              : 1 - std::pow(q, static_cast<double>(z + 1)) / (1 + q);
    worst = std::max(worst, std::abs(share - at_most));
  }
  return worst;
}

TEST(Noise, UniformIsUniformForABoundThatDividesNothing) {
  BufferedRandom random;
  std::array<std::size_t, 7> seen{};
  for (std::size_t i = 0; i < kDraws; ++i) ++seen.at(UniformBelow(random, 7));
  for (const std::size_t count : seen) {
    EXPECT_NEAR(static_cast<double>(count) / static_cast<double>(kDraws),
                1.0 / 7, Tolerance(kDraws));
  }
}

// Gives the same bytes for one draw, then zeros.
class Scripted final : public crypto::RandomSource {
 public:
  explicit Scripted(std::vector<std::uint8_t> draws)
      : draws_(std::move(draws)) {}
  void Fill(std::span<std::uint8_t> out) override {
    ++count;
    std::fill(out.begin(), out.end(), draws_.empty() ? 0xff : draws_.front());
    if (!draws_.empty()) draws_.erase(draws_.begin());
  }
  int count = 0;

 private:
  std::vector<std::uint8_t> draws_;
};

TEST(Noise, UniformDrawsAgainWhatIsOneTooMany) {
  // 2^64 mod 3 is 1: the draw 0 would make the remainder 0 too likely.
  Scripted random({0});
  EXPECT_LT(UniformBelow(random, 3), 3U);
  EXPECT_EQ(random.count, 2);
  // A power of two has none too many.
  Scripted even({0});
  EXPECT_EQ(UniformBelow(even, 4), 0U);
  EXPECT_EQ(even.count, 1);
}

TEST(Noise, BernoulliExpHasTheStatedProbability) {
  BufferedRandom random;
  for (const std::uint64_t numerator : {0U, 1U, 3U, 4U}) {
    std::size_t hits = 0;
    for (std::size_t i = 0; i < kDraws; ++i) {
      if (BernoulliExp(random, numerator, 4)) ++hits;
    }
    EXPECT_NEAR(static_cast<double>(hits) / static_cast<double>(kDraws),
                std::exp(-static_cast<double>(numerator) / 4),
                Tolerance(kDraws))
        << numerator;
  }
}

TEST(Noise, IsDiscreteLaplaceOfTheStatedScale) {
  BufferedRandom random;
  for (const std::uint64_t scale : {1U, 2U, 4U, 196U}) {
    EXPECT_LT(Distance(static_cast<double>(scale),
                       [&] { return DiscreteLaplace(random, scale); }),
              Tolerance(kDraws))
        << scale;
  }
}

TEST(Noise, TheTesterRefusesAScaleThatIsOffByATenth) {
  BufferedRandom random;
  EXPECT_GT(Distance(2.2, [&] { return DiscreteLaplace(random, 2); }),
            Tolerance(kDraws));
  EXPECT_GT(Distance(3.6, [&] { return DiscreteLaplace(random, 4); }),
            Tolerance(kDraws));
  // And zero that comes twice as often.
  EXPECT_GT(Distance(2,
                     [&] {
                       const std::int64_t z = DiscreteLaplace(random, 2);
                       return UniformBelow(random, 8) == 0 ? 0 : z;
                     }),
            Tolerance(kDraws));
}

}  // namespace
}  // namespace limpid::vault

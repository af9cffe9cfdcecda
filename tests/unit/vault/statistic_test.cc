#include "vault/statistics/statistic.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/buffered_random.h"
#include "vault/attribute/starter_catalogue.h"

namespace limpid::vault {
namespace {

using testing::IsOk;
using testing::StatusIs;
using Function = StatisticFunction;
constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

Definition Starter(std::string_view id) {
  for (const Definition& one : StarterCatalogue()) {
    if (one.id == id) return one;
  }
  return {};
}

Definition Of(std::string_view schema) {
  Definition out = Starter("household.size");
  out.schema = json::ParseStrict(schema).value();
  return out;
}

Countable HouseholdSize() {
  return CountableFor(Starter("household.size"), Function::kSum).value();
}

Tally Many(std::int64_t count, std::int64_t above) {
  return {count, above, std::vector<std::int64_t>(50)};
}

TEST(CountableFor, NeedsBoundsAndNoIdentifier) {
  EXPECT_THAT(CountableFor(Starter("household.size"), Function::kMean), IsOk());
  EXPECT_THAT(CountableFor(Starter("health.disability"), Function::kHistogram),
              IsOk());
  EXPECT_THAT(
      CountableFor(Starter("education.highest_level"), Function::kCount),
      IsOk());
  // No sum of words.
  EXPECT_THAT(CountableFor(Starter("education.highest_level"), Function::kSum),
              StatusIs(kPrecondition));
  for (const char* id : {"person.name", "income.annual", "person.birth_date",
                         "residence.municipality", "person.nationality"}) {
    for (const Function function : {Function::kCount, Function::kHistogram}) {
      EXPECT_THAT(CountableFor(Starter(id), function), StatusIs(kPrecondition))
          << id;
    }
  }
  Definition identifier = Starter("household.size");
  identifier.direct_identifier = true;
  EXPECT_THAT(CountableFor(identifier, Function::kCount),
              StatusIs(kPrecondition));
}

TEST(CountableFor, HasTheLastRangeAndNumberOfCells) {
  const auto range = [](std::int64_t low, std::int64_t high) {
    return Of(R"({"type":"integer","minimum":)" + std::to_string(low) +
              R"(,"maximum":)" + std::to_string(high) + "}");
  };
  EXPECT_THAT(CountableFor(range(-kMaxRange, kMaxRange), Function::kSum),
              IsOk());
  EXPECT_FALSE(CountableFor(range(0, kMaxRange + 1), Function::kSum).ok());
  EXPECT_FALSE(CountableFor(range(-kMaxRange - 1, 0), Function::kSum).ok());
  EXPECT_FALSE(CountableFor(range(3, 3), Function::kSum).ok());
  EXPECT_THAT(CountableFor(range(1, 64), Function::kHistogram), IsOk());
  EXPECT_FALSE(CountableFor(range(1, 65), Function::kHistogram).ok());
  EXPECT_FALSE(
      CountableFor(Of(R"({"type":"integer","minimum":0})"), Function::kCount)
          .ok());
  EXPECT_FALSE(CountableFor(Of(R"({"type":"number","minimum":0,"maximum":5})"),
                            Function::kSum)
                   .ok());
}

TEST(Count, TakesWhatTheSchemaAllowsAndNothingElse) {
  const Countable sizes = HouseholdSize();
  Tally tally;
  EXPECT_TRUE(Count(sizes, "1", tally));
  EXPECT_TRUE(Count(sizes, "50", tally));
  for (const char* value : {"0", "51", "1.5", "\"1\"", "null", "[1]"}) {
    EXPECT_FALSE(Count(sizes, value, tally)) << value;
  }
  EXPECT_EQ(tally.count, 2);
  EXPECT_EQ(tally.sum_above_low, 49);
  EXPECT_EQ(tally.cells.front(), 1);
  EXPECT_EQ(tally.cells.back(), 1);
  const Countable yes_no =
      CountableFor(Starter("health.disability"), Function::kCount).value();
  EXPECT_TRUE(Count(yes_no, "true", tally));
  EXPECT_FALSE(Count(yes_no, "1", tally));
}

TEST(Noised, IsNearTheTruthForMany) {
  SeededRandom random;
  const Countable sizes = HouseholdSize();
  const Statistic mean =
      Noised(sizes, Function::kMean, Many(10'000, 20'000), random);
  ASSERT_TRUE(mean.published);
  EXPECT_NEAR(static_cast<double>(mean.count), 10'000, 80);
  // Sizes of three: two above the lowest, which is one.
  EXPECT_NEAR(static_cast<double>(mean.sum), 30'000, 4'000);
  EXPECT_NEAR(static_cast<double>(mean.mean_milli), 3'000, 400);
}

TEST(Noised, ShowsNothingImpossible) {
  SeededRandom random;
  const Countable sizes = HouseholdSize();
  for (int i = 0; i < 200; ++i) {
    for (const std::int64_t above : {0, 49 * 40}) {
      const Statistic out =
          Noised(sizes, Function::kMean, Many(40, above), random);
      if (!out.published) continue;
      EXPECT_GE(out.mean_milli, 1'000);
      EXPECT_LE(out.mean_milli, 50'000);
      EXPECT_GE(out.sum, out.count);
    }
  }
}

// Exactly, from the distribution: nine persons reach the threshold with
// probability at most 1/100, and one threshold less would be too little.
TEST(Noised, AGroupOfNineIsShownAtMostOnceInAHundred) {
  const auto shown = [](double scale, std::int64_t threshold) {
    const double q = std::exp(-1 / scale);
    return std::pow(q, static_cast<double>(threshold - (kSmallestGroup - 1))) /
           (1 + q);
  };
  EXPECT_LE(shown(kWholeScale, kWholeThreshold), 0.01);
  EXPECT_GT(shown(kWholeScale, kWholeThreshold - 1), 0.01);
  EXPECT_LE(shown(kHalfScale, kHalfThreshold), 0.01);
  EXPECT_GT(shown(kHalfScale, kHalfThreshold - 1), 0.01);
  // And so it is drawn: 5,000 times, which seldom are more than 80.
  SeededRandom random;
  for (const Function function : {Function::kCount, Function::kSum}) {
    int published = 0;
    for (int i = 0; i < 5'000; ++i) {
      if (Noised(HouseholdSize(), function, Many(9, 0), random).published) {
        ++published;
      }
    }
    EXPECT_GT(published, 10);
    EXPECT_LE(published, 80);
  }
}

// Draws for real through what answers are made by. Hoeffding: each of the two
// checks raises a false alarm with probability at most 1e-9.
TEST(Noised, OnePersonMoreChangesNoAnswersChanceByMoreThanEpsilon) {
  constexpr int kDraws = 200'000;
  const double tolerance = std::sqrt(std::log(2 / 1e-9) / (2.0 * kDraws));
  const double epsilon = kAnswerEpsilonMilli / 1'000.0;
  const Countable sizes = HouseholdSize();
  BufferedRandom random;
  const auto share = [&](std::int64_t count) {
    int hits = 0;
    for (int i = 0; i < kDraws; ++i) {
      const Statistic out =
          Noised(sizes, Function::kCount, Many(count, 0), random);
      if (out.published && out.count >= 30) ++hits;
    }
    return static_cast<double>(hits) / kDraws;
  };
  const double without = share(29);
  const double with = share(30);
  EXPECT_LE(with - tolerance, std::exp(epsilon) * (without + tolerance));
  // Sharp: noise of half the scale would differ by more.
  EXPECT_GE(with + tolerance,
            (std::exp(epsilon) - 0.1) * (without - tolerance));
}

// As above: 400,000 draws, each of the four checks raises a false alarm with
// probability at most 1e-9, and a scale that is off by a tenth is 0.03 away.
TEST(Noised, EachFigureHasTheNoiseThatThePageStates) {
  constexpr int kDraws = 400'000;
  const double tolerance = std::sqrt(std::log(2 / 1e-9) / (2.0 * kDraws));
  BufferedRandom random;
  const Countable sizes = HouseholdSize();
  const Countable yes_no =
      CountableFor(Starter("health.disability"), Function::kHistogram).value();
  const Tally many = Many(10'000, 200'000);
  Tally halves;
  halves.cells = {10'000, 10'000};
  // Shares of draws within one scale of the truth.
  double count = 0;
  double half = 0;
  double sum = 0;
  double cell = 0;
  for (int i = 0; i < kDraws; ++i) {
    const Statistic counted = Noised(sizes, Function::kCount, many, random);
    const Statistic summed = Noised(sizes, Function::kSum, many, random);
    const Statistic shown =
        Noised(yes_no, Function::kHistogram, halves, random);
    count += std::abs(counted.count - many.count) <= 2 ? 1 : 0;
    half += std::abs(summed.count - many.count) <= 4 ? 1 : 0;
    // The lowest size is one.
    const std::int64_t above = summed.sum - summed.count;
    sum += std::abs(above - many.sum_above_low) <= 196 ? 1 : 0;
    cell += std::abs(*shown.cells[0].count - 10'000) <= 2 ? 1 : 0;
  }
  // Of discrete Laplace within z of nothing.
  const auto within = [](double scale, double z) {
    const double q = std::exp(-1 / scale);
    return 1 - 2 * std::pow(q, z + 1) / (1 + q);
  };
  EXPECT_NEAR(count / kDraws, within(2, 2), tolerance);
  EXPECT_NEAR(half / kDraws, within(4, 4), tolerance);
  EXPECT_NEAR(sum / kDraws, within(196, 196), tolerance);
  EXPECT_NEAR(cell / kDraws, within(2, 2), tolerance);
}

TEST(Noised, ACellIsNotShownWhenItOrAllTheOthersAreFew) {
  SeededRandom random;
  const Countable yes_no =
      CountableFor(Starter("health.disability"), Function::kHistogram).value();
  Tally nearly_all;
  nearly_all.cells = {1'000, 2};
  // Neither the two, nor the thousand that would tell them.
  EXPECT_FALSE(
      Noised(yes_no, Function::kHistogram, nearly_all, random).published);
  // Nor with many empty cells, whose noise together is large.
  Tally one_size;
  one_size.cells = std::vector<std::int64_t>(50);
  one_size.cells[2] = 1'000;
  int published = 0;
  for (int i = 0; i < 1'000; ++i) {
    if (Noised(HouseholdSize(), Function::kHistogram, one_size, random)
            .published) {
      ++published;
    }
  }
  // Any of 49 cells reaches the threshold by noise once in 270.
  EXPECT_LT(published, 15);
  Tally both;
  both.cells = {1'000, 200};
  const Statistic shown = Noised(yes_no, Function::kHistogram, both, random);
  ASSERT_TRUE(shown.published);
  ASSERT_EQ(shown.cells.size(), 2U);
  EXPECT_EQ(shown.cells[0].value, "false");
  EXPECT_NEAR(static_cast<double>(shown.cells[0].count.value()), 1'000, 40);
  EXPECT_NEAR(static_cast<double>(shown.cells[1].count.value()), 200, 40);
  EXPECT_EQ(shown.count, 0);
}

TEST(Noised, TooFewLooksLikeNothingElse) {
  SeededRandom random;
  for (const Function function :
       {Function::kCount, Function::kSum, Function::kHistogram}) {
    EXPECT_EQ(Noised(HouseholdSize(), function, {}, random), Statistic());
  }
}

// docs/formats/statistics.md
TEST(Statistic, IsTheWorkedExampleOfItsPage) {
  Statistic out;
  out.published = true;
  out.count = 12;
  out.sum = 30;
  out.mean_milli = 2'500;
  EXPECT_EQ(base::HexEncode(out.Encode()),
            "126c696d7069642f7374617469737469632f3101000000000000000c"
            "000000000000001e00000000000009c40000");
}

TEST(Statistic, RoundTripsAndRefusesDamage) {
  Statistic out;
  out.published = true;
  out.count = 5;
  out.sum = -7;
  out.mean_milli = -1'400;
  out.cells = {{"\"a\"", 3}, {"\"b\"", std::nullopt}, {"1", -2}};
  const base::Bytes bytes = out.Encode();
  EXPECT_EQ(Statistic::Decode(bytes).value(), out);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(Statistic::Decode(base::ByteView(bytes).first(size)).ok());
  }
}

}  // namespace
}  // namespace limpid::vault

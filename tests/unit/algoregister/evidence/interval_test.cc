#include "algoregister/evidence/interval.h"

#include "gtest/gtest.h"

namespace limpid::algoregister::evidence {
namespace {

// Tables of the normal distribution.
TEST(Interval, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(TwoSidedQuantile(0.95), 1.959963984540054, 1e-14);
  EXPECT_NEAR(TwoSidedQuantile(0.99), 2.5758293035489004, 1e-14);
  EXPECT_NEAR(TwoSidedQuantile(0.90), 1.6448536269514722, 1e-14);
  EXPECT_NEAR(TwoSidedQuantile(0.9999), 3.890591886413123, 1e-12);
  EXPECT_NEAR(TwoSidedQuantile(0.5), 0.6744897501960817, 1e-14);
}

// Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3.
TEST(Interval, WilsonGivesThePublishedValues) {
  struct Case {
    Proportion rate;
    double low;
    double high;
  };
  for (const Case& one :
       {Case{{81, 263}, 0.2553, 0.3662}, Case{{15, 148}, 0.0624, 0.1605},
        Case{{0, 20}, 0.0000, 0.1611}, Case{{1, 29}, 0.0061, 0.1718}}) {
    const auto interval = WilsonInterval(one.rate, 0.95);
    ASSERT_TRUE(interval.has_value());
    EXPECT_NEAR(interval->low, one.low, 0.00005);
    EXPECT_NEAR(interval->high, one.high, 0.00005);
  }
  EXPECT_EQ(WilsonInterval({0, 20}, 0.95)->low, 0);
  EXPECT_EQ(WilsonInterval({20, 20}, 0.95)->high, 1);
  EXPECT_FALSE(WilsonInterval({0, 0}, 0.95).has_value());
}

// Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10.
TEST(Interval, NewcombeGivesThePublishedValues) {
  struct Case {
    Proportion left;
    Proportion right;
    double low;
    double high;
  };
  for (const Case& one : {Case{{56, 70}, {48, 80}, 0.0524, 0.3339},
                          Case{{9, 10}, {3, 10}, 0.1705, 0.8090},
                          Case{{10, 10}, {0, 10}, 0.6075, 1.0000},
                          Case{{5, 56}, {0, 29}, -0.0381, 0.1926}}) {
    const auto interval = NewcombeInterval(one.left, one.right, 0.95);
    ASSERT_TRUE(interval.has_value());
    EXPECT_NEAR(interval->low, one.low, 0.00005);
    EXPECT_NEAR(interval->high, one.high, 0.00005);
  }
  EXPECT_FALSE(NewcombeInterval({1, 2}, {0, 0}, 0.95).has_value());
}

// By hand: ln(0.5) -+ 1.959964 sqrt(1/10 - 1/100 + 1/20 - 1/100).
TEST(Interval, KatzIsTheLogInterval) {
  const auto interval = KatzInterval({10, 100}, {20, 100}, 0.95);
  ASSERT_TRUE(interval.has_value());
  EXPECT_NEAR(interval->low, 0.246641, 0.000001);
  EXPECT_NEAR(interval->high, 1.013620, 0.000001);
  EXPECT_FALSE(KatzInterval({0, 100}, {20, 100}, 0.95).has_value());
  EXPECT_FALSE(KatzInterval({10, 100}, {0, 100}, 0.95).has_value());
}

}  // namespace
}  // namespace limpid::algoregister::evidence

// What one person's attribute has left of a year.

#include "vault/statistics/budget.h"

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "vault/statistics/statistic.h"

namespace limpid::vault {
namespace {

TEST(Budget, HasItsYearAndItsLastQuestion) {
  const absl::Time now = absl::FromUnixSeconds(1'767'225'600);
  const base::Digest32 question = {1};
  const base::Digest32 other = {2};
  Budget budget;
  EXPECT_TRUE(budget.Spend(question, now));
  EXPECT_EQ(budget, (Budget{2026, kAnswerEpsilonMilli, question}));
  EXPECT_TRUE(budget.Spend(question, now));
  EXPECT_EQ(budget.spent_milli, kAnswerEpsilonMilli);
  budget.spent_milli = kYearEpsilonMilli - kAnswerEpsilonMilli;
  EXPECT_TRUE(budget.Spend(other, now));
  EXPECT_EQ(budget.spent_milli, kYearEpsilonMilli);
  const Budget full = budget;
  EXPECT_FALSE(budget.Spend(question, now));
  EXPECT_EQ(budget, full);
  // Yesterday's clock renews nothing; tomorrow's year does.
  EXPECT_FALSE(budget.Spend(question, now - absl::Hours(48)));
  EXPECT_TRUE(budget.Spend(question, now + absl::Hours(24 * 365)));
  EXPECT_EQ(budget, (Budget{2027, kAnswerEpsilonMilli, question}));
}

}  // namespace
}  // namespace limpid::vault

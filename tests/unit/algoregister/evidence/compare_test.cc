#include "algoregister/evidence/compare.h"

#include <string_view>

#include "absl/status/status.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/report_json.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister::evidence {
namespace {

using testing::StatusIs;
using testing::StatusSays;

constexpr std::string_view kSystem =
    "case,result,sex\n1,grant,f\n2,grant,f\n3,refuse,f\n4,refuse,m\n"
    "5,grant,m\n6,refuse,m\n";
constexpr std::string_view kPeople =
    "result,case\nrefuse,6\ngrant,1\nrefuse,2\nrefuse,3\ngrant,4\ngrant,5\n";

TEST(Compare, CountsAgreementByGroup) {
  const auto compared = Compare(kSystem, kPeople);
  ASSERT_THAT(compared, testing::IsOk());
  ASSERT_EQ(compared->agreements.size(), 3U);
  const Agreement& all = compared->agreements[0];
  EXPECT_EQ(all.n, 6);
  EXPECT_EQ(all.agreed, 4);
  EXPECT_EQ(all.rate, 4.0 / 6);
  EXPECT_EQ((all.cells.at({"grant", "refuse"})), 1);
  EXPECT_EQ((all.cells.at({"refuse", "grant"})), 1);
  // Chance agrees in half of the cases: (4/6 - 1/2) / (1 - 1/2).
  EXPECT_EQ(all.kappa, 1.0 / 3);
  EXPECT_EQ(compared->agreements[1].group, "f");
  EXPECT_EQ(compared->agreements[1].agreed, 2);
  EXPECT_EQ(compared->agreements[2].attribute, "sex");
  EXPECT_EQ(compared->agreements[2].n, 3);
}

TEST(Compare, NamesBothSetsByTheirBytes) {
  const auto compared = Compare(kSystem, kPeople);
  ASSERT_THAT(compared, testing::IsOk());
  EXPECT_EQ(compared->left, crypto::Sha256(base::AsBytes(kSystem)));
  EXPECT_EQ(compared->right, crypto::Sha256(base::AsBytes(kPeople)));
  const json::Value report = ToJson(*compared);
  EXPECT_EQ(*report.GetString("left_digest"), DigestText(compared->left));
  EXPECT_EQ(*report.GetString("right_digest"), DigestText(compared->right));
}

TEST(Compare, ChanceIsOfBothSetsResults) {
  const auto compared = Compare("case,result\n1,a\n2,a\n3,a\n4,b\n",
                                "case,result\n1,a\n2,b\n3,b\n4,b\n");
  ASSERT_THAT(compared, testing::IsOk());
  // Agreed 2 of 4; by chance 3 * 1 + 1 * 3 of 16.
  EXPECT_EQ(compared->agreements.front().kappa, 0.2);
}

TEST(Compare, HasNoKappaWhereChanceAlwaysAgrees) {
  constexpr std::string_view kOne = "case,result\n1,grant\n2,grant\n";
  const auto compared = Compare(kOne, kOne);
  ASSERT_THAT(compared, testing::IsOk());
  EXPECT_EQ(compared->agreements.front().rate, 1);
  EXPECT_FALSE(compared->agreements.front().kappa.has_value());
}

TEST(Compare, NeedsTheSameCasesAndGroups) {
  EXPECT_THAT(Compare(kSystem, "case,result\n1,grant\n9,grant\n"),
              StatusSays(absl::StatusCode::kFailedPrecondition,
                         "5 are in the left set alone, 1 in the right one"));
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  EXPECT_THAT(Compare("case,result,sex\n1,a,f\n", "case,result,sex\n1,a,m\n"),
              StatusSays(kInvalid, "another group"));
  EXPECT_THAT(Compare(kSystem, "case,outcome\n1,a\n"),
              StatusSays(kInvalid, "right: line 1: needs the columns"));
  EXPECT_THAT(Compare("case,result\n1,a\n1,b\n", kPeople),
              StatusSays(kInvalid, "left: line 3: a case comes twice"));
  EXPECT_THAT(Compare("case,result\n", "case,result\n"), StatusIs(kInvalid));
  EXPECT_THAT(Compare("case,result\n1,\n", kPeople), StatusIs(kInvalid));
}

}  // namespace
}  // namespace limpid::algoregister::evidence

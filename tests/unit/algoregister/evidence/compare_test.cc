#include "algoregister/evidence/compare.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
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

// How often the two results met.
std::int64_t Met(const Comparison& in, const Agreement& agreement,
                 std::string_view left, std::string_view right) {
  for (const auto& [pair, count] : agreement.cells) {
    if (in.results[pair.first] == left && in.results[pair.second] == right) {
      return count;
    }
  }
  return 0;
}

TEST(Compare, CountsAgreementByGroup) {
  const auto compared = Compare(kSystem, kPeople);
  ASSERT_THAT(compared, testing::IsOk());
  ASSERT_EQ(compared->agreements.size(), 3U);
  const Agreement& all = compared->agreements[0];
  EXPECT_EQ(all.n, 6);
  EXPECT_EQ(all.agreed, 4);
  EXPECT_EQ(all.rate, 4.0 / 6);
  EXPECT_EQ(Met(*compared, all, "grant", "refuse"), 1);
  EXPECT_EQ(Met(*compared, all, "refuse", "grant"), 1);
  EXPECT_EQ(compared->results, (std::vector<std::string>{"grant", "refuse"}));
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
  // One that the left set does not have is another too.
  EXPECT_THAT(Compare("case,result,sex\n1,a,f\n", "case,sex,result\n1,x,a\n"),
              StatusSays(kInvalid, "another group"));
  // A column of one of them alone is compared with nothing.
  EXPECT_THAT(Compare("case,result,sex\n1,a,f\n", "case,result,age\n1,a,9\n"),
              testing::IsOk());
  EXPECT_THAT(Compare("case,result\n", "case,result\n"), StatusIs(kInvalid));
  EXPECT_THAT(Compare("case,result\n1,\n", kPeople), StatusIs(kInvalid));
}

constexpr auto kExhausted = absl::StatusCode::kResourceExhausted;

// So many cases and columns; case i has result and groups i, modulo how many
// there are.
struct Sizes {
  std::size_t cases = 1;
  std::size_t columns = 0;
  std::size_t groups = 1;
  std::size_t results = 1;
  std::size_t name_bytes = 1;
};

std::string Padded(std::size_t number, std::size_t bytes) {
  std::string out = absl::StrCat(number);
  if (out.size() < bytes) out.append(bytes - out.size(), '-');
  return out;
}

// With `turned`, every case has the result that follows: each pair occurs.
std::string SetOf(const Sizes& sizes, bool turned = false) {
  std::string out = "case,result";
  for (std::size_t i = 0; i < sizes.columns; ++i)
    absl::StrAppend(&out, ",c", i);
  out += "\n";
  for (std::size_t i = 0; i < sizes.cases; ++i) {
    const std::size_t result = turned ? i / sizes.results : i;
    absl::StrAppend(&out, i, ",",
                    Padded(result % sizes.results, sizes.name_bytes));
    for (std::size_t at = 0; at < sizes.columns; ++at) {
      // Not in step with the results.
      const std::size_t turn = sizes.results * sizes.results;
      absl::StrAppend(&out, ",", i / turn % sizes.groups);
    }
    out += "\n";
  }
  return out;
}

absl::Status Compared(const Sizes& sizes) {
  return Compare(SetOf(sizes), SetOf(sizes, /*turned=*/true)).status();
}

TEST(Compare, BoundsColumnsGroupsResultsAndNames) {
  EXPECT_THAT(Compared({.columns = kMaxGroupColumns}), testing::IsOk());
  EXPECT_THAT(Compared({.columns = kMaxGroupColumns + 1}),
              StatusSays(kExhausted, "left: line 1: more than 8 columns"));
  EXPECT_THAT(Compared({.name_bytes = 400}), testing::IsOk());
  EXPECT_THAT(Compared({.name_bytes = 401}),
              StatusSays(kExhausted,
                         "left: line 2: a result or a group has more than"));
  EXPECT_THAT(
      Compare(kSystem, "case,result,age\n1," + std::string(401, 'a') + ",9\n"),
      StatusSays(kExhausted, "right: line 2: a result or a group"));
  EXPECT_THAT(Compared({.cases = 20, .results = 20}), testing::IsOk());
  EXPECT_THAT(Compared({.cases = 21, .results = 21}),
              StatusSays(kExhausted, "more than 20 different results"));
  EXPECT_THAT(Compared({.cases = 500, .columns = 1, .groups = 500}),
              testing::IsOk());
  EXPECT_THAT(Compared({.cases = 501, .columns = 1, .groups = 501}),
              StatusSays(kExhausted, "left: line 502: more than 500 groups"));
}

// A row of the answer for each: a small file must not make a large answer.
TEST(Compare, BoundsThePairsOfAllGroupsTogether) {
  // 400 pairs of all, and of each of 49 groups.
  Sizes sizes = {.cases = 49 * 400, .columns = 1, .groups = 49, .results = 20};
  const auto most = Compare(SetOf(sizes), SetOf(sizes, /*turned=*/true));
  ASSERT_THAT(most, testing::IsOk());
  EXPECT_EQ(most->agreements.back().cells.size(), 400U);
  sizes.cases += 400;
  sizes.groups += 1;
  EXPECT_THAT(Compared(sizes),
              StatusSays(kExhausted, "more than 20,000 pairs of results"));
}

}  // namespace
}  // namespace limpid::algoregister::evidence

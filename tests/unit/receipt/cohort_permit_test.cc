#include "common/receipt/cohort_permit.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/permit.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/receipt/damage.h"

namespace limpid::receipt {
namespace {

const absl::Time kMidnight = absl::FromUnixMillis(1'767'225'600'000);

CohortMember MemberOf(std::uint8_t byte) {
  CohortMember out{};
  out.fill(byte);
  return out;
}

StatisticFields TestStatistic() {
  return {"agr_a4dqobyha4dqobyha4dqobyha4",
          "https://w3id.org/dpv#ProvideOfficialStatistics", "household.size",
          "count", 20454};
}

CohortPermit TestPermit() {
  CohortPermit out;
  out.cohort.fill(1);
  out.source.fill(2);
  out.service_key.fill(5);
  out.agreement.fill(7);
  out.purpose = TestStatistic().purpose;
  out.attribute = TestStatistic().attribute;
  out.request_hash = StatisticHash(TestStatistic());
  out.nonce.fill(6);
  out.epoch = 20454;
  out.writer = 9;
  out.lease = absl::Seconds(60);
  out.not_after = kMidnight + absl::Minutes(1);
  out.member_count = 2;
  const std::array members = {MemberOf(3), MemberOf(4)};
  out.members = DigestOfMembers(members);
  return out;
}

// The page with its line breaks taken out.
std::string Page() {
  std::ifstream file(std::filesystem::path(LIMPID_FORMATS) /
                     "cohort-permit.md");
  std::string text((std::istreambuf_iterator<char>(file)),
                   std::istreambuf_iterator<char>());
  std::erase(text, '\n');
  return text;
}

TEST(CohortPermit, IsTheWorkedExampleOfItsPage) {
  const std::string hex = base::HexEncode(TestPermit().Encode());
  EXPECT_EQ(hex.size(), 566U);
  EXPECT_NE(Page().find(hex), std::string::npos) << hex;
}

TEST(CohortPermit, RoundTripsAndEveryFieldCounts) {
  const base::Bytes encoded = TestPermit().Encode();
  const auto decoded = CohortPermit::Decode(encoded);
  ASSERT_THAT(decoded, testing::IsOk());
  EXPECT_EQ(*decoded, TestPermit());
  ExpectEveryFlipRefused(encoded, [&](base::ByteView damaged) {
    const auto other = CohortPermit::Decode(damaged);
    return other.ok() && *other == TestPermit();
  });
  ExpectOtherLengthsRefused(encoded, [](base::ByteView bytes) {
    return CohortPermit::Decode(bytes).ok();
  });
}

TEST(CohortPermit, IsNoPermitAndNoPermitIsOne) {
  EXPECT_FALSE(Permit::Decode(TestPermit().Encode()).ok());
  Permit permit;
  permit.lease = absl::Seconds(1);
  permit.not_after = kMidnight;
  permit.lines = {{"household.size", Form::kAggregate, "", ""}};
  ASSERT_TRUE(Permit::Decode(permit.Encode()).ok());
  EXPECT_FALSE(CohortPermit::Decode(permit.Encode()).ok());
}

TEST(CohortPermit, LeaseAndSizeHaveBothTheirEnds) {
  CohortPermit permit = TestPermit();
  for (const int millis : {1, 60'000}) {
    permit.lease = absl::Milliseconds(millis);
    EXPECT_TRUE(CohortPermit::Decode(permit.Encode()).ok()) << millis;
  }
  for (const int millis : {0, 60'001}) {
    permit.lease = absl::Milliseconds(millis);
    EXPECT_FALSE(CohortPermit::Decode(permit.Encode()).ok()) << millis;
  }
  permit = TestPermit();
  permit.member_count = kMaxCohort;
  EXPECT_TRUE(CohortPermit::Decode(permit.Encode()).ok());
  ++permit.member_count;
  EXPECT_FALSE(CohortPermit::Decode(permit.Encode()).ok());
}

TEST(CohortPermit, TheDigestIsOfTheseMembersInThisOrder) {
  const std::array both = {MemberOf(3), MemberOf(4)};
  const std::array turned = {MemberOf(4), MemberOf(3)};
  const std::array<CohortMember, 1> one = {{MemberOf(3)}};
  EXPECT_NE(DigestOfMembers(both), DigestOfMembers(turned));
  EXPECT_NE(DigestOfMembers(both), DigestOfMembers(one));
  EXPECT_NE(DigestOfMembers(one), DigestOfMembers({}));
}

TEST(StatisticHash, EveryPartOfTheQuestionCounts) {
  const base::Digest32 hash = StatisticHash(TestStatistic());
  for (const auto change : {+[](StatisticFields& s) { s.agreement += "x"; },
                            +[](StatisticFields& s) { s.purpose += "x"; },
                            +[](StatisticFields& s) { s.attribute += "x"; },
                            +[](StatisticFields& s) { s.function = "sum"; },
                            +[](StatisticFields& s) { ++s.epoch; }}) {
    StatisticFields other = TestStatistic();
    change(other);
    EXPECT_NE(StatisticHash(other), hash);
  }
}

TEST(CohortEpoch, IsADayByUtc) {
  EXPECT_EQ(CohortEpochAt(kMidnight), 20454U);
  EXPECT_EQ(CohortEpochAt(kMidnight - absl::Milliseconds(1)), 20453U);
  EXPECT_EQ(CohortEpochAt(kMidnight + absl::Hours(24)), 20455U);
  EXPECT_EQ(CohortEpochBegin(20454), kMidnight);
  EXPECT_EQ(CohortEpochAt(absl::InfinitePast()), 0U);
}

}  // namespace
}  // namespace limpid::receipt

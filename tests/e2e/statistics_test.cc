// A service counts the persons who agreed to it, over the shipped server and
// with the shipped command line.

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/e2e/shipped_world.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;
namespace v1 = vault::v1;

constexpr char kSize[] = "household.size";
// The noise of a count reaches the distance from here to the threshold, or to
// the upper bound below, once in 10^9.
constexpr int kPersons = 64;

class StatisticsTest : public testing::ShippedWorldTest {
 protected:
  void SetUp() override {
    plan_.purpose = "https://w3id.org/dpv#ProvideOfficialStatistics";
    plan_.counted = {kSize};
    service_ = world_.AddService("bureau", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    for (int i = 0; i < kPersons; ++i) {
      persons_.push_back(world_.AddPerson());
      ASSERT_THAT(persons_.back()->vault().Put(kSize, "2"), IsOk());
      records_.push_back(world_.Grant(service_, agreement_, *persons_.back()));
    }
  }
  v1::AggregateRequest Question(v1::StatisticFunction function) const {
    v1::AggregateRequest out;
    out.set_agreement_id(agreement_);
    out.set_purpose_iri(plan_.purpose);
    out.set_attribute(kSize);
    out.set_function(function);
    return out;
  }
  int Counted(testing::Person& person) {
    const auto entries = person.consent().ListAccesses("", 100);
    EXPECT_THAT(entries, IsOk());
    int out = 0;
    for (const consent::v1::AccessEntry& entry : *entries) {
      if (entry.kind() != consent::v1::ACCESS_KIND_COUNTED) continue;
      ++out;
      EXPECT_EQ(entry.decisions_size(), 1);
      EXPECT_EQ(entry.decisions(0).attribute(), kSize);
      EXPECT_EQ(entry.decisions(0).form(), consent::v1::FORM_AGGREGATE);
    }
    return out;
  }
  // What `limpid service` prints; empty when it fails.
  std::string Limpid(const std::string& arguments) {
    const auto folder = world_.directory();
    const std::string command = absl::StrCat(
        "'", testing::ShippedBinary("limpid").string(), "' --json --server '",
        absl::StrReplaceAll(service_.channel.address,
                            {{"127.0.0.1", "localhost"}}),
        "' --ca '", (folder / "ca" / "server-ca.pem").string(),
        "' --certificate '", (folder / "clients" / "bureau.pem").string(),
        "' --key '", (folder / "clients" / "bureau.key").string(), "' service ",
        arguments);
    // NOLINTNEXTLINE(cert-env33-c): paths of ours alone.
    FILE* const pipe = popen(command.c_str(), "r");
    std::string out;
    std::array<char, 4096> buffer{};
    while (fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
      out += buffer.data();
    }
    return pclose(pipe) == 0 ? out : "";
  }

  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::vector<std::unique_ptr<testing::Person>> persons_;
  std::vector<std::string> records_;
};

TEST_F(StatisticsTest, CountsOnceADayAndShowsItToEachPerson) {
  const auto count = Question(v1::STATISTIC_FUNCTION_COUNT);
  const auto first = service_.client->Aggregate(count);
  ASSERT_THAT(first, IsOk());
  EXPECT_TRUE(first->published());
  EXPECT_NEAR(static_cast<double>(first->count()), kPersons, 45);
  EXPECT_EQ(first->epsilon_milli(), 500U);
  EXPECT_EQ(first->count_noise_scale(), 2U);
  EXPECT_EQ(first->threshold(), 18U);
  EXPECT_EQ(Counted(*persons_.front()), 1);

  // Somebody withdraws: the day's answer stays as it is, also after a restart.
  ASSERT_THAT(persons_.front()->consent().Withdraw(records_.front()), IsOk());
  world_.Restart();
  const std::string printed =
      Limpid(absl::StrCat("aggregate ", agreement_, " -a ", kSize));
  const auto said = json::ParseStrict(printed);
  ASSERT_THAT(said, IsOk());
  const auto again = service_.client->Aggregate(count);
  ASSERT_THAT(again, IsOk());
  if (again->epoch() == first->epoch()) {
    EXPECT_EQ(again->count(), first->count());
    EXPECT_NE(printed.find(absl::StrCat(first->count())), std::string::npos);
  }

  // Another question of the day: another answer, no second entry.
  const auto mean =
      service_.client->Aggregate(Question(v1::STATISTIC_FUNCTION_MEAN));
  ASSERT_THAT(mean, IsOk());
  EXPECT_GE(mean->mean_milli(), 1'000);
  EXPECT_LE(mean->mean_milli(), 50'000);
  if (mean->epoch() == first->epoch()) {
    EXPECT_EQ(Counted(*persons_.front()), 1);
    EXPECT_EQ(Counted(*persons_.back()), 1);
  }
}

TEST_F(StatisticsTest, AnotherServiceOrPurposeGetsNothing) {
  auto stranger = world_.AddService("stranger", plan_);
  const auto count = Question(v1::STATISTIC_FUNCTION_COUNT);
  EXPECT_THAT(stranger.client->Aggregate(count),
              StatusIs(absl::StatusCode::kNotFound));
  auto other = count;
  other.set_purpose_iri("https://w3id.org/dpv#ServiceProvision");
  EXPECT_THAT(service_.client->Aggregate(other),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(
      service_.client->Aggregate(Question(v1::STATISTIC_FUNCTION_UNSPECIFIED)),
      StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(Counted(*persons_.front()), 0);
  EXPECT_TRUE(Limpid(absl::StrCat("aggregate ", agreement_, " -a person.name"))
                  .empty());
}

}  // namespace
}  // namespace limpid

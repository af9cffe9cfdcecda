// L:UB-03: processing under another legal basis than consent or contract
// reaches the person by itself, and offers what the law gives.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "clients/cpp/notice_client.h"
#include "clients/cpp/record_act_client.h"
#include "gtest/gtest.h"
#include "tests/conformance/mim4/rows.h"
#include "tests/conformance/mim4/target.h"
#include "tests/testing/status_matchers.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

class Mim4OtherBases : public Mim4 {
 protected:
  // The service and its agreement, as the fixture's but under `basis`.
  void Under(consent::v1::LegalBasis basis) {
    plan_.basis = basis;
    service_ = NewService();
    agreement_ = Server().AddAgreement(service_, plan_);
  }
  client::NoticeClient Notices() {
    return client::NoticeClient(person_->consent_connection());
  }
};

TEST_F(Mim4OtherBases, ProcessingIsToldByItselfAndCanBeObjectedTo) {
  Cite({"L:UB-03", kConnectivity,
        "processing on another basis is seen and can be objected"});
  Under(consent::v1::LEGAL_BASIS_PUBLIC_TASK);
  const std::string record = Granted({kName});
  ASSERT_THAT(Read(record, {kName}), IsOk());
  ASSERT_THAT(Read(record, {kName}), IsOk());

  // Without asking about the record, in her stream.
  consent::v1::BasisNotice told;
  ASSERT_THAT(Notices().Watch(
                  absl::Seconds(10),
                  [&told](const consent::v1::WatchNoticesResponse& message) {
                    if (message.has_notice()) told = message.notice();
                    return !message.has_notice();
                  }),
              IsOk());
  EXPECT_EQ(told.record_id(), record);
  EXPECT_EQ(told.service_id(), service_.id);
  EXPECT_FALSE(told.organisation().empty());
  EXPECT_EQ(told.law(), "GDPR Article 6(1)(e)");
  EXPECT_EQ(told.legal_basis(), consent::v1::LEGAL_BASIS_PUBLIC_TASK);
  ASSERT_EQ(told.purposes_size(), 1);
  EXPECT_EQ(told.purposes(0), kPurpose);
  ASSERT_EQ(told.attributes_size(), 1);
  EXPECT_EQ(told.attributes(0), kName);
  EXPECT_EQ(told.access_count(), 2U);
  EXPECT_TRUE(told.may_object());
  EXPECT_NE(told.remedy().find("object"), std::string::npos);
  EXPECT_EQ(told.remedy().find("ithdraw"), std::string::npos);

  // What she is told to do works, and what she is not told does not.
  EXPECT_THAT(person_->consent().Withdraw(record),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  const auto objection = client::RecordActClient(person_->consent_connection())
                             .Object(record, "my situation");
  ASSERT_THAT(objection, IsOk());
  const auto refused = Read(record, {kName});
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->results(0).verdict(), vault::v1::VERDICT_REFUSED);

  ASSERT_THAT(Notices().Acknowledge(told), IsOk());
  EXPECT_TRUE(Notices().List(/*include_read=*/false)->empty());
  EXPECT_EQ(Notices().List(/*include_read=*/true)->size(), 1U);
}

TEST_F(Mim4OtherBases, AnObligationIsToldAndOffersNoObjection) {
  Cite({"L:UB-03", kConnectivity,
        "processing on another basis is seen and can be objected"});
  Under(consent::v1::LEGAL_BASIS_LEGAL_OBLIGATION);
  const std::string record = Granted({kName});
  ASSERT_THAT(Read(record, {kName}), IsOk());
  const auto notices = Notices().List(/*include_read=*/false);
  ASSERT_THAT(notices, IsOk());
  ASSERT_EQ(notices->size(), 1U);
  EXPECT_FALSE(notices->front().may_object());
  EXPECT_EQ(notices->front().remedy().find("ithdraw"), std::string::npos);
  EXPECT_NE(notices->front().remedy().find("Article 77"), std::string::npos);
}

TEST_F(Mim4OtherBases, ConsentAndContractMakeNoNotice) {
  Cite({"L:UB-03", kConnectivity,
        "processing on another basis is seen and can be objected"});
  ASSERT_THAT(Read(Granted({kName}), {kName}), IsOk());
  Under(consent::v1::LEGAL_BASIS_CONTRACT);
  ASSERT_THAT(Read(Granted({kName}), {kName}), IsOk());
  EXPECT_TRUE(Notices().List(/*include_read=*/true)->empty());
}

}  // namespace
}  // namespace limpid::mim4

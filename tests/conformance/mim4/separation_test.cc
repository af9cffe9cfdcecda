// MIM4's separation of operator and storage: consent as a server of its own,
// with the vault out of reach, and the data on their way past it.

#include <filesystem>
#include <string>

#include "common/base/bytes.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/decision_service.pb.h"
#include "tests/conformance/mim4/rows.h"
#include "tests/conformance/mim4/target.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/split.h"

namespace limpid::mim4 {
namespace {

using limpid::testing::IsOk;

// Every name of a message that could carry a value, with those inside it.
void ExpectNoValueField(const google::protobuf::Descriptor& message) {
  for (int i = 0; i < message.field_count(); ++i) {
    const auto& field = *message.field(i);
    EXPECT_EQ(field.name().find("value"), std::string::npos)
        << field.full_name();
    if (field.message_type() != nullptr) {
      ExpectNoValueField(*field.message_type());
    }
  }
}

TEST(Mim4Separation, TheOperatorWorksWithoutTheVaultAndSeesNoValue) {
  Cite({"L:UB-01/02", kConnectivity, "the operator works without the vault"});
  rpc::RequireTls13();
  const testing::TempDir directory;
  testing::SplitWorld split(directory.path() / "split", testing::InProcess(),
                            testing::InProcess());
  testing::AgreementPlan plan;
  plan.purpose = kPurpose;
  plan.attributes = {kName, kSize};
  testing::ServiceSide service = split.consent().AddService("cinema", plan);
  const std::string agreement = split.consent().AddAgreement(service, plan);
  split.vault_host().Stop();
  const auto person = split.consent().AddPerson();
  const std::string record = split.consent().Grant(service, agreement, *person);
  EXPECT_THAT(person->consent().Pause(record), IsOk());
  EXPECT_THAT(person->consent().Resume(record), IsOk());
  EXPECT_THAT(person->consent().Withdraw(record), IsOk());
  const auto entries = person->consent().ListAccesses(record, 100);
  ASSERT_THAT(entries, IsOk());
  EXPECT_EQ(entries->size(), 5U);
  // It has no place for values and their keys,
  EXPECT_FALSE(std::filesystem::exists(split.consent().directory() / "vault"));
  // and the stream between the two has no field for one.
  ExpectNoValueField(*consent::v1::ConnectRequest::descriptor());
  ExpectNoValueField(*consent::v1::ConnectResponse::descriptor());
}

}  // namespace
}  // namespace limpid::mim4

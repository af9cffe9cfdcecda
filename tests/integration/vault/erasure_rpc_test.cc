// Erasing and holds over real TLS: who may call what, and what it answers.

#include <memory>
#include <string>

#include "common/base/text.h"
#include "common/rpc/grpc_status.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/integration/vault/vault_harness.h"
#include "tests/testing/status_matchers.h"
#include "vault/erasure/certificate.h"
#include "vault/rpc/convert.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::HasSubstr;

using Erasures = v1::ErasureService::Stub;
using Holds = v1::HoldAdminService::Stub;

template <typename Stub, typename Request, typename Response>
absl::Status Call(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*,
                                               const Request&, Response*),
                  const Request& request, Response& response) {
  grpc::ClientContext context;
  rpc::SetDeadline(context, absl::Seconds(10));
  return rpc::FromGrpc((stub.*method)(&context, request, &response));
}

class ErasureRpcTest : public ::testing::Test {
 protected:
  ErasureRpcTest() {
    world().Put(world().anna, "health.allergy", "[]");
    world().Put(world().anna, "health.allergy", "[]");
    world().Put(world().anna, "person.language", "\"nl\"");
  }
  VaultWorld& world() { return harness_.world(); }

  absl::Status EraseAttribute(const std::string& attribute,
                              v1::EraseAttributeResponse& out) {
    v1::EraseAttributeRequest request;
    request.set_attribute(attribute);
    return Call(*anna_, &Erasures::EraseAttribute, request, out);
  }
  // At the time of the world's clock, moved by `off`.
  v1::ErasePersonRequest Signed(absl::Duration off = absl::ZeroDuration()) {
    const absl::Time time = world().clock.Now() + off;
    v1::ErasePersonRequest request;
    *request.mutable_time() = ToProto(time);
    request.set_signature(base::ToText(world().anna_key.Sign(
        PersonErasureStatement(ExampleIdentity().source, time))));
    return request;
  }
  absl::Status Place(const std::string& holder, v1::PlaceHoldResponse& out) {
    v1::PlaceHoldRequest request;
    request.set_holder_id(holder);
    request.set_ground(v1::HOLD_GROUND_LEGAL_CLAIMS);
    request.set_reason("court file 12/26");
    return Call(*admin_, &Holds::PlaceHold, request, out);
  }

  VaultHarness harness_;
  std::unique_ptr<Erasures> anna_ = harness_.ErasureStub(harness_.Anna());
  std::unique_ptr<Holds> admin_ = harness_.HoldStub(
      harness_.With(harness_.tls().IssueAdministrator("admin")));
};

TEST_F(ErasureRpcTest, AnAttributeIsErasedAndCertified) {
  v1::EraseAttributeResponse erased;
  ASSERT_THAT(EraseAttribute("health.allergy", erased), IsOk());
  EXPECT_EQ(erased.result().value_count(), 2);
  EXPECT_EQ(erased.result().commitment().size(), 32);
  const auto facts =
      ErasureCertificate::Decode(base::AsBytes(erased.result().certificate()));
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->attribute, "health.allergy");

  v1::GetErasureCertificateRequest ask;
  ask.set_attribute("health.allergy");
  ask.set_version(2);
  v1::GetErasureCertificateResponse certificate;
  ASSERT_THAT(Call(*anna_, &Erasures::GetErasureCertificate, ask, certificate),
              IsOk());
  EXPECT_EQ(certificate.certificate(), erased.result().certificate());
  EXPECT_EQ(certificate.state(), v1::ERASURE_STATE_LIVE);
  EXPECT_EQ(certificate.final_not_before_time().seconds(),
            erased.result().erase_time().seconds() + 60 * 86'400);
  EXPECT_FALSE(certificate.logged());
  ASSERT_THAT(world().publisher.Tick(), IsOk());
  ASSERT_THAT(Call(*anna_, &Erasures::GetErasureCertificate, ask, certificate),
              IsOk());
  EXPECT_TRUE(certificate.logged());
  EXPECT_EQ(certificate.checkpoint(), "checkpoint");

  ask.clear_attribute();
  EXPECT_THAT(Call(*anna_, &Erasures::GetErasureCertificate, ask, certificate),
              StatusIs(absl::StatusCode::kNotFound));
  ask.set_attribute("health.allergy");
  ask.set_version(0);
  EXPECT_THAT(Call(*anna_, &Erasures::GetErasureCertificate, ask, certificate),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(EraseAttribute("person.name", erased),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(ErasureRpcTest, AVersionsErasureCarriesItsCertificate) {
  v1::EraseAttributeVersionRequest request;
  request.set_attribute("health.allergy");
  request.set_version(1);
  v1::EraseAttributeVersionResponse response;
  ASSERT_THAT(Call(*harness_.PersonStub(harness_.Anna()),
                   &v1::PersonVaultService::Stub::EraseAttributeVersion,
                   request, response),
              IsOk());
  EXPECT_THAT(ErasureCertificate::Decode(base::AsBytes(response.certificate())),
              IsOk());
}

TEST_F(ErasureRpcTest, EverythingGoesOnHerSignatureOnly) {
  v1::ErasePersonResponse response;
  v1::ErasePersonRequest request = Signed();
  request.mutable_signature()->back() ^= char{1};
  EXPECT_THAT(Call(*anna_, &Erasures::ErasePerson, request, response),
              StatusIs(absl::StatusCode::kInvalidArgument));
  request = Signed();
  request.mutable_signature()->pop_back();
  EXPECT_THAT(Call(*anna_, &Erasures::ErasePerson, request, response),
              StatusIs(absl::StatusCode::kInvalidArgument));
  request = Signed();
  request.mutable_time()->set_nanos(1);
  EXPECT_THAT(Call(*anna_, &Erasures::ErasePerson, request, response),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(
      Call(*anna_, &Erasures::ErasePerson, Signed(absl::Minutes(-6)), response),
      StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(world().person.List(world().anna)->size(), 2);

  ASSERT_THAT(Call(*anna_, &Erasures::ErasePerson, Signed(), response), IsOk());
  EXPECT_EQ(response.result().value_count(), 3);
  EXPECT_TRUE(world().person.List(world().anna)->empty());
  v1::GetErasureCertificateResponse certificate;
  ASSERT_THAT(Call(*anna_, &Erasures::GetErasureCertificate,
                   v1::GetErasureCertificateRequest(), certificate),
              IsOk());
  EXPECT_EQ(certificate.certificate(), response.result().certificate());
}

TEST_F(ErasureRpcTest, AHoldRefusesAndShowsWhyUntilItIsLifted) {
  v1::PlaceHoldResponse placed;
  ASSERT_THAT(Place(world().anna.holder.Text(), placed), IsOk());
  v1::EraseAttributeResponse erased;
  const absl::Status refused = EraseAttribute("health.allergy", erased);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(std::string(base::ToStd(refused.message())),
              HasSubstr("Art. 17(3)(e)"));
  v1::ListHoldsResponse list;
  ASSERT_THAT(Call(*anna_, &Erasures::ListHolds, v1::ListHoldsRequest(), list),
              IsOk());
  EXPECT_EQ(list.holder_id(), world().anna.holder.Text());
  ASSERT_EQ(list.holds_size(), 1);
  EXPECT_EQ(list.holds(0).reason(), "court file 12/26");
  EXPECT_EQ(list.holds(0).ground(), v1::HOLD_GROUND_LEGAL_CLAIMS);
  EXPECT_FALSE(list.holds(0).has_lift_time());

  v1::LiftHoldRequest lift;
  lift.set_hold_id(placed.hold().id());
  v1::LiftHoldResponse lifted;
  ASSERT_THAT(Call(*admin_, &Holds::LiftHold, lift, lifted), IsOk());
  EXPECT_TRUE(lifted.hold().has_lift_time());
  EXPECT_THAT(Call(*admin_, &Holds::LiftHold, lift, lifted),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(EraseAttribute("health.allergy", erased), IsOk());
}

TEST_F(ErasureRpcTest, OnlyAdministratorsHoldAndOnlyWithAReason) {
  v1::PlaceHoldResponse placed;
  EXPECT_THAT(Place("hld_nonsense", placed),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Place(HolderId::Random().Text(), placed),
              StatusIs(absl::StatusCode::kNotFound));
  v1::PlaceHoldRequest request;
  request.set_holder_id(world().anna.holder.Text());
  request.set_ground(v1::HOLD_GROUND_LEGAL_CLAIMS);
  EXPECT_THAT(Call(*admin_, &Holds::PlaceHold, request, placed),
              StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_reason("x");
  request.set_ground(v1::HOLD_GROUND_UNSPECIFIED);
  EXPECT_THAT(Call(*admin_, &Holds::PlaceHold, request, placed),
              StatusIs(absl::StatusCode::kInvalidArgument));
  request.set_ground(v1::HOLD_GROUND_RESTRICTION);
  EXPECT_THAT(Call(*harness_.HoldStub(harness_.Anonymous()), &Holds::PlaceHold,
                   request, placed),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(Call(*harness_.HoldStub(
                       harness_.With(harness_.tls().IssueService("shop"))),
                   &Holds::PlaceHold, request, placed),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_TRUE(world().holds.List(world().anna.holder)->empty());
}

TEST_F(ErasureRpcTest, OnlyThePersonErases) {
  v1::EraseAttributeRequest request;
  request.set_attribute("health.allergy");
  v1::EraseAttributeResponse response;
  for (const auto& options :
       {harness_.Anonymous(),
        harness_.With(harness_.tls().IssueService("shop")),
        harness_.With(harness_.tls().IssueAdministrator("admin"))}) {
    EXPECT_FALSE(Call(*harness_.ErasureStub(options), &Erasures::EraseAttribute,
                      request, response)
                     .ok());
  }
  EXPECT_EQ(world().person.List(world().anna)->size(), 2);
}

}  // namespace
}  // namespace limpid::vault

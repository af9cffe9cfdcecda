// The vault over real TLS: who may call what, what a read brings, and that no
// permit stays open.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "common/base/text.h"
#include "common/rpc/grpc_status.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/integration/vault/vault_harness.h"
#include "tests/testing/status_matchers.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::testing::HasSubstr;
using ::testing::Not;

// One blocking call with a deadline.
template <typename Stub, typename Request, typename Response>
absl::Status Call(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*,
                                               const Request&, Response*),
                  const Request& request, Response& response) {
  grpc::ClientContext context;
  rpc::SetDeadline(context, absl::Seconds(10));
  return rpc::FromGrpc((stub.*method)(&context, request, &response));
}

class VaultRpcTest : public ::testing::Test {
 protected:
  absl::Status Put(const std::string& attribute, const std::string& json,
                   v1::PutAttributeResponse* out = nullptr) {
    v1::PutAttributeRequest request;
    request.set_attribute(attribute);
    request.set_value_json(json);
    request.set_request_id(base::ToText(crypto::RandomArray<16>()));
    v1::PutAttributeResponse response;
    return Call(*person_, &v1::PersonVaultService::Stub::PutAttribute, request,
                out == nullptr ? response : *out);
  }
  absl::Status Read(const std::vector<std::string>& attributes,
                    v1::ReadAttributesResponse& response) {
    return Call(*service_, &v1::VaultService::Stub::ReadAttributes,
                VaultHarness::ReadRequestOf(world(), attributes), response);
  }
  absl::Status EraseVersion(std::uint64_t version) {
    v1::EraseAttributeVersionRequest request;
    request.set_attribute("household.size");
    request.set_version(version);
    v1::EraseAttributeVersionResponse response;
    return Call(*person_, &v1::PersonVaultService::Stub::EraseAttributeVersion,
                request, response);
  }
  VaultWorld& world() { return harness_.world(); }

  VaultHarness harness_;
  std::unique_ptr<v1::PersonVaultService::Stub> person_ =
      harness_.PersonStub(harness_.Anna());
  testing::TestCertificate certificate_ = harness_.tls().IssueService("shop");
  std::unique_ptr<v1::VaultService::Stub> service_ =
      harness_.ServiceStub(harness_.With(certificate_));
};

TEST_F(VaultRpcTest, PersonPutsServiceReadsExactlyWhatIsPermitted) {
  ASSERT_THAT(Put("person.birth_date", "\"1990-02-28\""), IsOk());
  ASSERT_THAT(Put("person.email", "\"anna@example.org\""), IsOk());
  ASSERT_THAT(Put("health.disability", "true"), IsOk());
  world().gate.GrantOver("person.birth_date", 18);
  world().gate.Grant("person.email");
  v1::ReadAttributesResponse read;
  ASSERT_THAT(
      Read({"person.email", "person.birth_date", "health.disability"}, read),
      IsOk());
  ASSERT_EQ(read.results_size(), 3);
  EXPECT_EQ(read.results(0).value_json(), "\"anna@example.org\"");
  EXPECT_EQ(read.results(0).form(), v1::FORM_FULL);
  EXPECT_EQ(read.results(1).value_json(), "true");
  EXPECT_EQ(read.results(1).form(), v1::FORM_DERIVED);
  EXPECT_EQ(read.results(1).derivation(), "over_n/1");
  EXPECT_EQ(read.results(2).verdict(), v1::VERDICT_REFUSED);
  EXPECT_EQ(read.results(2).reason(), v1::REASON_NO_CONSENT);
  EXPECT_TRUE(read.results(2).value_json().empty());
  EXPECT_EQ(read.SerializeAsString().find("1990"), std::string::npos);
  EXPECT_EQ(read.pseudonym().size(), 16);
  EXPECT_EQ(read.access_promise(), "promise");
  EXPECT_EQ(world().gate.requests.back().caller_thumbprint,
            certificate_.thumbprint);
  EXPECT_TRUE(harness_.AllPermitsClosed());
}

TEST_F(VaultRpcTest, DaysGoInComeBackAndLimitWhatIsRead) {
  v1::PutAttributeRequest request;
  request.set_attribute("household.size");
  request.set_value_json("3");
  const auto put = [&] {
    request.set_request_id(base::ToText(crypto::RandomArray<16>()));
    v1::PutAttributeResponse response;
    return Call(*person_, &v1::PersonVaultService::Stub::PutAttribute, request,
                response);
  };
  v1::About& about = *request.mutable_about();
  const auto refused = [&](std::string_view field) {
    const absl::Status status = put();
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(base::ToStd(status.message())), HasSubstr(field));
  };
  refused("about.from_date");
  about.set_from_date("2024-01-01");
  refused("about.to_date");
  about.set_to_date("2023-12-31");
  refused("about.to_date");
  about.set_to_date("2024-12-32");
  refused("about.to_date");
  about.set_to_date("2024-12-31");
  about.set_no_day(true);
  refused("about.no_day");
  about.set_no_day(false);
  ASSERT_THAT(put(), IsOk());
  request.set_value_json("4");
  request.clear_about();
  ASSERT_THAT(put(), IsOk());
  request.set_value_json("5");
  request.mutable_about()->set_no_day(true);
  ASSERT_THAT(put(), IsOk());

  v1::GetAttributeHistoryRequest of;
  of.set_attribute("household.size");
  v1::GetAttributeHistoryResponse history;
  ASSERT_THAT(Call(*person_, &v1::PersonVaultService::Stub::GetAttributeHistory,
                   of, history),
              IsOk());
  ASSERT_EQ(history.versions_size(), 3);
  EXPECT_TRUE(history.versions(0).about().no_day());
  EXPECT_FALSE(history.versions(1).has_about());
  EXPECT_EQ(history.versions(2).about().from_date(), "2024-01-01");
  EXPECT_EQ(history.versions(2).about().to_date(), "2024-12-31");

  world().gate.Grant("household.size");
  base::Days days = {20'240'101, 20'241'231};
  world().gate.change = [&](receipt::Permit& permit) { permit.days = days; };
  EXPECT_THAT(EraseVersion(3), IsOk());
  v1::ReadAttributesResponse read;
  ASSERT_THAT(Read({"household.size"}, read), IsOk());
  EXPECT_EQ(read.results(0).value_json(), "3");
  EXPECT_EQ(read.results(0).version(), 0);
  days = {20'250'101, 0};
  ASSERT_THAT(Read({"household.size"}, read), IsOk());
  EXPECT_EQ(read.results(0).reason(), v1::REASON_NO_VALUE);
  EXPECT_TRUE(read.results(0).value_json().empty());
  EXPECT_TRUE(harness_.AllPermitsClosed());
}

TEST_F(VaultRpcTest, RefusalsAreAnswers) {
  v1::ReadAttributesResponse read;
  ASSERT_THAT(Read({"person.email"}, read), IsOk());
  EXPECT_EQ(read.results(0).reason(), v1::REASON_NO_CONSENT);
  EXPECT_TRUE(read.pseudonym().empty());
  EXPECT_FALSE(read.has_valid_until_time());
  world().gate.Grant("person.email");
  ASSERT_THAT(Read({"person.email"}, read), IsOk());
  EXPECT_EQ(read.results(0).reason(), v1::REASON_NO_VALUE);
}

TEST_F(VaultRpcTest, EachServiceIsForItsCallersOnly) {
  v1::ReadAttributesResponse read;
  const auto request = VaultHarness::ReadRequestOf(world(), {"person.email"});
  const auto read_as = [&](const rpc::ChannelOptions& options) {
    return Call(*harness_.ServiceStub(options),
                &v1::VaultService::Stub::ReadAttributes, request, read);
  };
  EXPECT_THAT(read_as(harness_.Anonymous()),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_FALSE(read_as(harness_.Anna()).ok());
  EXPECT_FALSE(read_as(harness_.With(harness_.tls().IssueStranger("x"))).ok());
  EXPECT_TRUE(world().gate.requests.empty());

  v1::ListAttributesResponse list;
  const auto list_as = [&](const rpc::ChannelOptions& options) {
    return Call(*harness_.PersonStub(options),
                &v1::PersonVaultService::Stub::ListAttributes,
                v1::ListAttributesRequest(), list);
  };
  EXPECT_THAT(list_as(harness_.Anonymous()),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_FALSE(list_as(harness_.With(certificate_)).ok());
  EXPECT_THAT(list_as(harness_.Anna()), IsOk());

  v1::GetAttributeDefinitionRequest get;
  get.set_id("person.email");
  v1::GetAttributeDefinitionResponse definition;
  const auto get_as = [&](const rpc::ChannelOptions& options) {
    return Call(*harness_.AdminStub(options),
                &v1::VaultAdminService::Stub::GetAttributeDefinition, get,
                definition);
  };
  EXPECT_THAT(get_as(harness_.Anonymous()),
              StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(get_as(harness_.With(certificate_)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(get_as(harness_.With(harness_.tls().IssueAdministrator("admin"))),
              IsOk());
}

TEST_F(VaultRpcTest, AProofIsGoodForOneCall) {
  rpc::ChannelOptions options = harness_.Anna();
  auto tokens =
      options.tokens("/limpid.vault.v1.PersonVaultService/ListAttributes");
  options.tokens = [tokens](std::string_view) { return tokens; };
  const auto stub = harness_.PersonStub(options);
  v1::ListAttributesResponse list;
  const auto call = [&] {
    return Call(*stub, &v1::PersonVaultService::Stub::ListAttributes,
                v1::ListAttributesRequest(), list);
  };
  EXPECT_THAT(call(), IsOk());
  EXPECT_THAT(call(), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(VaultRpcTest, MalformedReadsNameTheField) {
  const auto refused = [&](void (*change)(v1::ReadAttributesRequest&)) {
    auto request = VaultHarness::ReadRequestOf(world(), {"person.email"});
    change(request);
    v1::ReadAttributesResponse read;
    const absl::Status status =
        Call(*service_, &v1::VaultService::Stub::ReadAttributes, request, read);
    EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    return std::string(base::ToStd(status.message()));
  };
  using R = v1::ReadAttributesRequest;
  EXPECT_THAT(refused([](R& r) { r.clear_record_id(); }),
              HasSubstr("record_id"));
  EXPECT_THAT(refused([](R& r) { r.clear_purpose_iri(); }),
              HasSubstr("purpose_iri"));
  EXPECT_THAT(refused([](R& r) { r.clear_attributes(); }),
              HasSubstr("attributes"));
  EXPECT_THAT(refused([](R& r) { r.set_request_nonce("short"); }),
              HasSubstr("request_nonce"));
  EXPECT_THAT(refused([](R& r) { r.mutable_training()->set_system_id("s"); }),
              HasSubstr("training.snapshot_id"));
  EXPECT_THAT(refused([](R& r) { r.add_attributes("person.email"); }),
              HasSubstr("attributes"));
  EXPECT_TRUE(world().gate.requests.empty());
}

TEST_F(VaultRpcTest, BrokenValuesNameThePointerAndNeverTheValue) {
  const absl::Status status =
      Put("person.name", R"({"family":"Secretname","nick":"x"})");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  const std::string message(base::ToStd(status.message()));
  EXPECT_THAT(message, HasSubstr("value_json"));
  EXPECT_THAT(message, Not(HasSubstr("Secretname")));
}

TEST_F(VaultRpcTest, AWithdrawalWhileTheGateDecidesStopsTheAnswer) {
  ASSERT_THAT(Put("person.email", "\"anna@example.org\""), IsOk());
  world().gate.Grant("person.email");
  world().gate.hold_back = true;
  absl::Status status;
  v1::ReadAttributesResponse read;
  std::thread client([&] { status = Read({"person.email"}, read); });
  while (world().gate.waiting_count() == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  world().fences.Raise(world().gate.record_text, 2);
  world().gate.DecideWaiting();
  client.join();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(read.results_size(), 0);
  EXPECT_TRUE(harness_.AllPermitsClosed());
}

TEST_F(VaultRpcTest, AClientThatGoesAwayDropsThePermit) {
  ASSERT_THAT(Put("person.email", "\"anna@example.org\""), IsOk());
  world().gate.Grant("person.email");
  world().gate.hold_back = true;
  grpc::ClientContext context;
  std::thread client([&] {
    v1::ReadAttributesResponse read;
    EXPECT_FALSE(service_
                     ->ReadAttributes(
                         &context,
                         VaultHarness::ReadRequestOf(world(), {"person.email"}),
                         &read)
                     .ok());
  });
  while (world().gate.waiting_count() == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  context.TryCancel();
  client.join();
  world().gate.DecideWaiting();
  EXPECT_TRUE(harness_.AllPermitsClosed());
}

TEST_F(VaultRpcTest, TamperingIsAnAlarmThatTellsTheClientNothing) {
  ASSERT_THAT(Put("person.email", "\"anna@example.org\""), IsOk());
  world().gate.Grant("person.email");
  world().gate.damage = [](SignedPermit& permit) {
    permit.proof.signature.front() ^= 1;
  };
  v1::ReadAttributesResponse read;
  const absl::Status status = Read({"person.email"}, read);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(std::string(base::ToStd(status.message())),
              Not(HasSubstr("permit")));
  EXPECT_EQ(read.results_size(), 0);
  EXPECT_TRUE(harness_.AllPermitsClosed());
}

TEST_F(VaultRpcTest, HistoryErasureAndProofOfThePersonsOwnActs) {
  v1::PutAttributeResponse put;
  ASSERT_THAT(Put("person.language", "\"nl\"", &put), IsOk());
  ASSERT_THAT(Put("person.language", "\"en\""), IsOk());

  v1::GetAttributeHistoryRequest history;
  history.set_attribute("person.language");
  history.set_page_size(1);
  v1::GetAttributeHistoryResponse page;
  using Stub = v1::PersonVaultService::Stub;
  ASSERT_THAT(Call(*person_, &Stub::GetAttributeHistory, history, page),
              IsOk());
  ASSERT_EQ(page.versions_size(), 1);
  EXPECT_EQ(page.versions(0).version(), 2);
  history.set_page_token(page.next_page_token());
  ASSERT_THAT(Call(*person_, &Stub::GetAttributeHistory, history, page),
              IsOk());
  EXPECT_EQ(page.versions(0).version(), 1);
  EXPECT_TRUE(page.next_page_token().empty());
  history.set_page_token("x");
  EXPECT_THAT(Call(*person_, &Stub::GetAttributeHistory, history, page),
              StatusIs(absl::StatusCode::kInvalidArgument));

  v1::EraseAttributeVersionRequest erase;
  erase.set_attribute("person.language");
  erase.set_version(1);
  v1::EraseAttributeVersionResponse erased;
  ASSERT_THAT(Call(*person_, &Stub::EraseAttributeVersion, erase, erased),
              IsOk());
  v1::GetAttributeRequest get;
  get.set_attribute("person.language");
  get.set_version(1);
  v1::GetAttributeResponse got;
  EXPECT_THAT(Call(*person_, &Stub::GetAttribute, get, got),
              StatusIs(absl::StatusCode::kNotFound));

  v1::GetVaultLogProofRequest prove;
  prove.set_attribute("person.language");
  prove.set_version(1);
  prove.set_act(v1::VAULT_ACT_PUT);
  v1::GetVaultLogProofResponse proof;
  ASSERT_THAT(Call(*person_, &Stub::GetVaultLogProof, prove, proof), IsOk());
  EXPECT_EQ(proof.state(), v1::LOG_STATE_DURABLE);
  EXPECT_EQ(proof.commitment(), put.commitment());
  ASSERT_THAT(world().publisher.Tick(), IsOk());
  ASSERT_THAT(Call(*person_, &Stub::GetVaultLogProof, prove, proof), IsOk());
  EXPECT_EQ(proof.state(), v1::LOG_STATE_LOGGED);
  prove.set_act(v1::VAULT_ACT_UNSPECIFIED);
  EXPECT_THAT(Call(*person_, &Stub::GetVaultLogProof, prove, proof),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(VaultRpcTest, CataloguePagesCoverEverythingOnce) {
  v1::ListAttributeDefinitionsRequest request;
  request.set_page_size(4);
  std::vector<std::string> ids;
  do {
    v1::ListAttributeDefinitionsResponse page;
    ASSERT_THAT(
        Call(*person_, &v1::PersonVaultService::Stub::ListAttributeDefinitions,
             request, page),
        IsOk());
    for (const auto& definition : page.definitions()) {
      ids.push_back(definition.id());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(ids.size(), world().core->catalogue().List("", 1000).size());
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
}

TEST_F(VaultRpcTest, AdministratorsAddDefinitionsThatPersonsCanUse) {
  const auto admin = harness_.AdminStub(
      harness_.With(harness_.tls().IssueAdministrator("admin")));
  v1::CreateAttributeDefinitionRequest request;
  auto& definition = *request.mutable_definition();
  definition.set_id("transport.bicycle");
  definition.set_title("Owns a bicycle");
  definition.set_category_iri("https://w3id.org/dpv/pd#Vehicle");
  definition.set_sensitivity(v1::SENSITIVITY_ORDINARY);
  definition.set_schema_json(R"({"type":"boolean"})");
  v1::CreateAttributeDefinitionResponse response;
  using Stub = v1::VaultAdminService::Stub;
  ASSERT_THAT(Call(*admin, &Stub::CreateAttributeDefinition, request, response),
              IsOk());
  EXPECT_EQ(response.definition().schema_version(), 1);
  EXPECT_THAT(Put("transport.bicycle", "true"), IsOk());
  EXPECT_THAT(Put("transport.bicycle", "3"),
              StatusIs(absl::StatusCode::kInvalidArgument));
  definition.set_sensitivity(v1::SENSITIVITY_UNSPECIFIED);
  EXPECT_THAT(Call(*admin, &Stub::CreateAttributeDefinition, request, response),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::vault

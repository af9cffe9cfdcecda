// Erased fields, points in time, referrers, rules, proposals and restricted
// parts over gRPC, on SQLCipher and a log on disk.

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "algoregister/profile/profile_names.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/rpc/register_erasure_rpc.h"
#include "algoregister/rpc/register_insight_rpc.h"
#include "algoregister/rpc/register_rpc.h"
#include "algoregister/rpc/restricted_rpc.h"
#include "algoregister/store/memory_evidence_store.h"
#include "algoregister/store/sql_reader_store.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_service_key_store.h"
#include "algoregister/upload/evidence_desk.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
#include "common/receipt/registration.h"
#include "common/receipt/registration_chains.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "common/tlog/auditor.h"
#include "common/tlog/head_store.h"
#include "common/tlog/log.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/register_erasure_service.grpc.pb.h"
#include "limpid/algoregister/v1/register_insight_service.grpc.pb.h"
#include "limpid/algoregister/v1/register_service.grpc.pb.h"
#include "limpid/algoregister/v1/restricted_read_service.grpc.pb.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

constexpr auto kOk = grpc::StatusCode::OK;

template <typename Stub, typename Request, typename Response>
grpc::StatusCode Call(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                   const Request&, Response*),
                      const Request& request, Response& response) {
  grpc::ClientContext context;
  rpc::SetDeadline(context, absl::Seconds(30));
  response.Clear();
  return (stub.*method)(&context, request, &response).error_code();
}

class HistoryOverGrpc : public ::testing::Test {
 protected:
  HistoryOverGrpc() {
    storage::Options options;
    options.path = folder_.path() / "store.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    options.migrations = RegisterMigrations();
    database_ = storage::Database::Create(std::move(options)).value();
    versions_.emplace(*database_);
    publishers_.emplace(*database_);
    service_keys_.emplace(*database_);
    readers_.emplace(*database_);
    head_ = tlog::FileHeadStore::Open(folder_.path() / "head").value();
    log_ =
        tlog::Log::OpenOrCreate({.directory = folder_.path() / "log",
                                 .origin = "example.org/register",
                                 .head = *head_,
                                 .key = crypto::Ed25519PrivateKey::Generate(),
                                 .clock = clock_})
            .value();
    register_.emplace(Register::Parts{.store = *versions_,
                                      .log = *log_,
                                      .clock = clock_,
                                      .random = crypto::SystemRandom(),
                                      .service_keys = *service_keys_,
                                      .import_names = ProfileNames()});
    Serve();
  }

  void Serve() {
    rpc::RuntimeOptions options;
    options.admin_ca_pem = tls_.admin_ca_pem();
    runtime_.emplace(std::move(options), wall_clock_);
    reads_.emplace(*runtime_, rpc::AuthPolicy::Public(),
                   RegisterRpc::Parts{.store = *versions_,
                                      .publishers = *publishers_,
                                      .log = *log_,
                                      .log_url = {}});
    evidence_.emplace(EvidenceDesk::Parts{*versions_, bundles_, clock_});
    erasure_.emplace(*runtime_, rpc::AuthPolicy::Administrator(), *register_,
                     *evidence_);
    insight_.emplace(
        *runtime_, rpc::AuthPolicy::Public(),
        RegisterInsightRpc::Parts{
            .store = *versions_, .registrations = *register_, .clock = clock_});
    restricted_.emplace(*runtime_, rpc::AuthPolicy::Service(), *versions_,
                        *readers_);
    reader_admin_.emplace(*runtime_, rpc::AuthPolicy::Administrator(),
                          *readers_);
    server_ =
        rpc::Server::Start(
            {.certificate_pem = tls_.server().certificate_pem,
             .private_key_pem = tls_.server().private_key_pem,
             .client_roots_pem = tls_.client_roots_pem()},
            *runtime_,
            {&*reads_, &*erasure_, &*insight_, &*restricted_, &*reader_admin_})
            .value();
  }

  std::shared_ptr<grpc::Channel> Channel(
      const testing::TestCertificate* certificate) {
    rpc::ChannelOptions options;
    options.address = "localhost:" + std::to_string(server_->port());
    options.ca_pem = tls_.server_ca_pem();
    if (certificate != nullptr) {
      options.certificate_pem = certificate->certificate_pem;
      options.private_key_pem = certificate->private_key_pem;
    }
    return rpc::MakeChannel(options).value();
  }

  // Publishes the next version of `id`, or a first one of `kind`.
  Version Publish(RegistrationKind kind, json::Value content,
                  const std::optional<RegistrationId>& id = {}) {
    content.Remove("kind");
    const Author author{
        .publisher = publisher_, .key = key_.PublicKey(), .reason = "because"};
    const auto draft = id ? register_->PrepareUpdate(author, *id, content)
                          : register_->PrepareNew(author, kind, content);
    EXPECT_THAT(draft, IsOk());
    const auto version = register_->Publish(publisher_, Sign(*draft, key_));
    EXPECT_THAT(version, IsOk());
    clock_.Advance(absl::Hours(1));
    return *version;
  }
  static json::Value Titled(RegistrationKind kind, std::string_view title) {
    json::Value content = NewContent(kind);
    SetField(content, "title", GivenText("en", title));
    return content;
  }
  Version NewSystem(std::string_view title) {
    return Publish(RegistrationKind::kSystem,
                   Titled(RegistrationKind::kSystem, title));
  }

  testing::TempDir folder_;
  testing::TestTls tls_;
  testing::TestCertificate service_ = tls_.IssueService("service");
  testing::TestCertificate administrator_ = tls_.IssueAdministrator("admin");
  crypto::Ed25519PrivateKey key_ = KeyOf(7);
  Publisher publisher_ = MakePublisher(7);
  testing::FakeClock clock_;
  // Certificates are of today.
  base::SystemClock wall_clock_;
  std::unique_ptr<storage::Database> database_;
  std::optional<SqlRegistrationStore> versions_;
  std::optional<SqlPublisherStore> publishers_;
  std::optional<SqlServiceKeyStore> service_keys_;
  std::optional<SqlReaderStore> readers_;
  std::unique_ptr<tlog::FileHeadStore> head_;
  std::unique_ptr<tlog::Log> log_;
  std::optional<Register> register_;
  std::optional<rpc::Runtime> runtime_;
  std::optional<RegisterRpc> reads_;
  MemoryEvidenceStore bundles_;
  std::optional<EvidenceDesk> evidence_;
  std::optional<RegisterErasureRpc> erasure_;
  std::optional<RegisterInsightRpc> insight_;
  std::optional<RestrictedReadRpc> restricted_;
  std::optional<RestrictedReaderAdminRpc> reader_admin_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(HistoryOverGrpc, AnErasedFieldIsOnRecordAndTheLogStillAudits) {
  const Version one = NewSystem("A. Person of Note");
  Publish(RegistrationKind::kSystem,
          Titled(RegistrationKind::kSystem, "Router"), one.registration);
  v1::EraseFieldRequest request;
  request.set_registration_id(one.registration.Text());
  request.set_version(1);
  request.set_pointer("/fields/title");
  request.set_ground("GDPR Article 17(1)(d)");
  v1::EraseFieldResponse erased;
  v1::RegisterErasureService::Stub stranger(Channel(&service_));
  using Erase = v1::RegisterErasureService::Stub;
  EXPECT_NE(Call(stranger, &Erase::EraseField, request, erased), kOk);
  v1::RegisterErasureService::Stub admin(Channel(&administrator_));
  request.set_all_versions(true);
  EXPECT_EQ(Call(admin, &Erase::EraseField, request, erased),
            grpc::StatusCode::INVALID_ARGUMENT);
  request.set_all_versions(false);
  ASSERT_EQ(Call(admin, &Erase::EraseField, request, erased), kOk);
  ASSERT_EQ(erased.erasures_size(), 1);

  v1::RegisterService::Stub reader(Channel(nullptr));
  using Reads = v1::RegisterService::Stub;
  v1::GetRegistrationHistoryRequest history;
  history.set_registration_id(one.registration.Text());
  v1::GetRegistrationHistoryResponse timeline;
  ASSERT_EQ(Call(reader, &Reads::GetRegistrationHistory, history, timeline),
            kOk);
  ASSERT_EQ(timeline.versions_size(), 2);
  ASSERT_EQ(timeline.versions(0).erasures_size(), 1);
  EXPECT_EQ(timeline.versions(0).erasures(0).pointer(), "/fields/title");
  EXPECT_EQ(timeline.versions(0).erasures(0).role(),
            v1::ERASURE_ROLE_ADMINISTRATOR);
  EXPECT_EQ(timeline.versions(1).erasures_size(), 0);
  v1::GetRegistrationRequest get;
  get.set_registration_id(one.registration.Text());
  get.set_version(1);
  v1::GetRegistrationResponse got;
  ASSERT_EQ(Call(reader, &Reads::GetRegistration, get, got), kOk);
  EXPECT_EQ(got.version().erased_field_count(), 1);
  EXPECT_EQ(got.version().title(), "");
  EXPECT_EQ(got.SerializeAsString().find("Note"), std::string::npos);
  tlog::DirectoryFetcher fetcher(folder_.path() / "log");
  const tlog::AuditReport report = tlog::Audit(
      fetcher, {.policy = *tlog::Policy::ForLog(log_->Vkey()),
                .leaf_kind = tlog::LeafKind::kRegister,
                .check_entry = [chains = receipt::RegistrationChains()](
                                   std::uint64_t /*index*/,
                                   base::ByteView entry) mutable {
                  return chains.Take(entry).status();
                }});
  EXPECT_EQ(report.outcome, tlog::AuditOutcome::kPassed) << report.message;
}

TEST_F(HistoryOverGrpc, AnErasureSaysWhichVersionsAndWhereItIsSaidAgain) {
  const Version one = NewSystem("A. Person of Note");
  Publish(RegistrationKind::kSystem,
          Titled(RegistrationKind::kSystem, "A. Person of Note"),
          one.registration);
  using Erase = v1::RegisterErasureService::Stub;
  Erase admin(Channel(&administrator_));
  v1::EraseFieldRequest request;
  request.set_registration_id(one.registration.Text());
  request.set_pointer("/fields/title");
  request.set_ground("GDPR Article 17(1)(d)");
  v1::EraseFieldResponse erased;
  constexpr auto kBad = grpc::StatusCode::INVALID_ARGUMENT;
  // Neither a version nor all of them: it would be all.
  EXPECT_EQ(Call(admin, &Erase::EraseField, request, erased), kBad);
  request.set_version(-1);
  EXPECT_EQ(Call(admin, &Erase::EraseField, request, erased), kBad);
  request.set_version(1);
  request.set_registration_id("sys_x");
  EXPECT_EQ(Call(admin, &Erase::EraseField, request, erased), kBad);
  request.set_registration_id(one.registration.Text());
  request.set_validate_only(true);
  ASSERT_EQ(Call(admin, &Erase::EraseField, request, erased), kOk);
  ASSERT_EQ(erased.repeated_at_size(), 1);
  EXPECT_EQ(erased.repeated_at(0).version(), 2);
  EXPECT_EQ(erased.repeated_at(0).pointer(), "/fields/title");
  EXPECT_TRUE(versions_->Erasures(one.registration)->empty());
  request.set_validate_only(false);
  request.set_version(0);
  request.set_all_versions(true);
  ASSERT_EQ(Call(admin, &Erase::EraseField, request, erased), kOk);
  EXPECT_EQ(erased.erasures_size(), 2);
  EXPECT_EQ(erased.repeated_at_size(), 0);
  EXPECT_EQ(versions_->Erasures(one.registration)->size(), 2U);
  v1::EraseEvidenceBundleRequest bundle;
  bundle.set_digest("sha256:12");
  bundle.set_ground("GDPR Article 17(1)(d)");
  v1::EraseEvidenceBundleResponse none;
  EXPECT_EQ(Call(admin, &Erase::EraseEvidenceBundle, bundle, none), kBad);
  bundle.set_digest("sha256:" + std::string(64, '0'));
  EXPECT_EQ(Call(admin, &Erase::EraseEvidenceBundle, bundle, none),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(HistoryOverGrpc, AMomentAnswersTheVersionOfThen) {
  const absl::Time start = clock_.Now();
  const Version one = NewSystem("One");
  Publish(RegistrationKind::kSystem, Titled(RegistrationKind::kSystem, "Two"),
          one.registration);
  v1::RegisterService::Stub reader(Channel(nullptr));
  using Reads = v1::RegisterService::Stub;
  const auto at = [&](absl::Time time, v1::GetRegistrationResponse& got) {
    v1::GetRegistrationRequest get;
    get.set_registration_id(one.registration.Text());
    get.mutable_at_time()->set_seconds(absl::ToUnixSeconds(time));
    return Call(reader, &Reads::GetRegistration, get, got);
  };
  v1::GetRegistrationResponse got;
  EXPECT_EQ(at(start - absl::Seconds(1), got), grpc::StatusCode::NOT_FOUND);
  ASSERT_EQ(at(start + absl::Minutes(59), got), kOk);
  EXPECT_EQ(got.version().version(), 1);
  EXPECT_EQ(got.newest_version(), 2);
  ASSERT_EQ(at(start + absl::Minutes(61), got), kOk);
  EXPECT_EQ(got.version().version(), 2);
  EXPECT_EQ(got.publish_time().seconds(),
            absl::ToUnixSeconds(start + absl::Hours(1)));
  v1::GetRegistrationRequest both;
  both.set_registration_id(one.registration.Text());
  both.set_version(1);
  both.mutable_at_time()->set_seconds(1);
  EXPECT_EQ(Call(reader, &Reads::GetRegistration, both, got),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(HistoryOverGrpc, ReferrersRulesAndProposalsAreAnswered) {
  const Version system = NewSystem("Router");
  std::vector<RegistrationId> users;
  for (int i = 0; i < 3; ++i) {
    json::Value content = Titled(RegistrationKind::kDeployment, "ReadSpeaker");
    json::Value body = NewContent(RegistrationKind::kOrganisation);
    SetField(body, "name", Given(json::Value("Body " + std::to_string(i))));
    const Version organisation =
        Publish(RegistrationKind::kOrganisation, std::move(body));
    SetField(content, "organisation",
             Given(json::Value(organisation.registration.Text())));
    SetField(content, "legal_basis", GivenText("en", "Water Act"));
    if (i < 2) {
      SetField(content, "system",
               Given(json::Value(system.registration.Text())));
    }
    users.push_back(Publish(RegistrationKind::kDeployment, std::move(content))
                        .registration);
  }
  v1::RegisterInsightService::Stub insight(Channel(nullptr));
  using Insight = v1::RegisterInsightService::Stub;
  v1::ListReferrersRequest request;
  v1::ListReferrersResponse found;
  EXPECT_EQ(Call(insight, &Insight::ListReferrers, request, found),
            grpc::StatusCode::INVALID_ARGUMENT);
  request.set_registration_id(system.registration.Text());
  request.set_page_size(1);
  ASSERT_EQ(Call(insight, &Insight::ListReferrers, request, found), kOk);
  EXPECT_EQ(found.target().title(), "Router");
  ASSERT_EQ(found.referrers_size(), 1);
  EXPECT_EQ(found.referrers(0).pointer(), "/fields/system/value");
  request.set_page_token(found.next_page_token());
  ASSERT_EQ(Call(insight, &Insight::ListReferrers, request, found), kOk);
  EXPECT_EQ(found.referrers_size(), 1);
  EXPECT_TRUE(found.next_page_token().empty());
  request.set_page_token("nonsense");
  EXPECT_EQ(Call(insight, &Insight::ListReferrers, request, found),
            grpc::StatusCode::INVALID_ARGUMENT);
  request.clear_page_token();
  request.set_page_size(0);
  request.set_law("water act");
  ASSERT_EQ(Call(insight, &Insight::ListReferrers, request, found), kOk);
  EXPECT_EQ(found.referrers_size(), 3);
  std::set<std::string> bodies;
  for (const v1::Referrer& one : found.referrers()) {
    bodies.insert(one.registration().organisation_title());
  }
  EXPECT_EQ(bodies, (std::set<std::string>{"Body 0", "Body 1", "Body 2"}));

  v1::CheckRegistrationRequest check;
  check.set_registration_id(users.front().Text());
  check.set_source("nl-1.0");
  v1::CheckRegistrationResponse checked;
  ASSERT_EQ(Call(insight, &Insight::CheckRegistration, check, checked), kOk);
  ASSERT_EQ(checked.scores_size(), 1);
  EXPECT_EQ(checked.scores(0).met_weight(), 6);
  EXPECT_GT(checked.scores(0).total_weight(), 6);
  check.set_source("nobody");
  EXPECT_EQ(Call(insight, &Insight::CheckRegistration, check, checked),
            grpc::StatusCode::INVALID_ARGUMENT);

  v1::ListProposalsResponse proposals;
  ASSERT_EQ(Call(insight, &Insight::ListProposals, v1::ListProposalsRequest(),
                 proposals),
            kOk);
  ASSERT_EQ(proposals.total_count(), 1);
  EXPECT_EQ(proposals.proposals(0).registration_ids_size(), 3);
  EXPECT_EQ(proposals.proposals(0).system_id(), system.registration.Text());
  // An erased title is in no copy of the proposals.
  ASSERT_THAT(register_->EraseField({.registration = users.back(),
                                     .number = 1,
                                     .pointer = "/fields/title",
                                     .ground = "GDPR Article 17(1)(d)"},
                                    false),
              IsOk());
  ASSERT_EQ(Call(insight, &Insight::ListProposals, v1::ListProposalsRequest(),
                 proposals),
            kOk);
  EXPECT_EQ(proposals.total_count(), 0);
}

TEST_F(HistoryOverGrpc, RestrictedPartsAreForTheirReadersAlone) {
  json::Value content = Titled(RegistrationKind::kSystem, "Router");
  json::Value stub = json::Value::Object();
  stub.Set("state", "withheld");
  stub.Set("ground", "security");
  stub.Set("authority", "the executive");
  stub.Set("review", "2027-01-31");
  stub.Set("audience",
           json::Value(std::vector<json::Value>{json::Value("auditor")}));
  SetField(content, "methods", std::move(stub));
  content.Set("restricted",
              json::Value::Object({{"methods", GivenText("en", "by secret")}}));
  const Version version =
      Publish(RegistrationKind::kSystem, std::move(content));

  v1::RegisterService::Stub reader(Channel(nullptr));
  v1::GetRegistrationRequest get;
  get.set_registration_id(version.registration.Text());
  v1::GetRegistrationResponse got;
  ASSERT_EQ(Call(reader, &v1::RegisterService::Stub::GetRegistration, get, got),
            kOk);
  EXPECT_EQ(got.version().restricted_field_count(), 1);
  EXPECT_EQ(got.version().erased_field_count(), 0);
  EXPECT_EQ(got.SerializeAsString().find("by secret"), std::string::npos);

  v1::RestrictedReadService::Stub service(Channel(&service_));
  using Read = v1::RestrictedReadService::Stub;
  v1::GetRestrictedRequest request;
  request.set_registration_id(version.registration.Text());
  v1::GetRestrictedResponse parts;
  EXPECT_EQ(Call(service, &Read::GetRestricted, request, parts),
            grpc::StatusCode::PERMISSION_DENIED);
  v1::RestrictedReadService::Stub anonymous(Channel(nullptr));
  EXPECT_EQ(Call(anonymous, &Read::GetRestricted, request, parts),
            grpc::StatusCode::UNAUTHENTICATED);

  v1::RestrictedReaderAdminService::Stub admin(Channel(&administrator_));
  using Admin = v1::RestrictedReaderAdminService::Stub;
  v1::CreateRestrictedReaderRequest create;
  create.set_request_id(std::string(16, 'r'));
  create.mutable_reader()->set_name("Court of Audit");
  create.mutable_reader()->add_audiences("auditor");
  create.mutable_reader()->add_certificate_thumbprints(
      base::ToText(service_.thumbprint));
  v1::CreateRestrictedReaderResponse created;
  ASSERT_EQ(Call(admin, &Admin::CreateRestrictedReader, create, created), kOk);
  ASSERT_EQ(Call(service, &Read::GetRestricted, request, parts), kOk);
  ASSERT_EQ(parts.disclosures_size(), 1);
  EXPECT_EQ(parts.disclosures(0).pointer(), "/restricted/methods");
  EXPECT_EQ(parts.leaf(), got.version().leaf());
  const auto leaf =
      receipt::VerifyRegistrationLeaf(base::AsBytes(parts.leaf()));
  ASSERT_THAT(leaf, IsOk());
  const FieldDisclosure opened{
      .pointer = parts.disclosures(0).pointer(),
      .salt =
          base::ToArray<32>(base::AsBytes(parts.disclosures(0).salt())).value(),
      .value = json::ParseStrict(parts.disclosures(0).value_json()).value()};
  EXPECT_THAT(receipt::CheckDisclosures(*leaf, {{opened}}), IsOk());

  v1::ListRestrictedReadersResponse listed;
  ASSERT_EQ(Call(admin, &Admin::ListRestrictedReaders,
                 v1::ListRestrictedReadersRequest(), listed),
            kOk);
  ASSERT_EQ(listed.readers_size(), 1);
  EXPECT_EQ(listed.readers(0).read_count(), 1);
  v1::RemoveRestrictedReaderRequest remove;
  remove.set_reader_id(created.reader().reader_id());
  v1::RemoveRestrictedReaderResponse removed;
  ASSERT_EQ(Call(admin, &Admin::RemoveRestrictedReader, remove, removed), kOk);
  EXPECT_EQ(Call(service, &Read::GetRestricted, request, parts),
            grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace limpid::algoregister

// The register whole: SQLCipher, a log on disk, gRPC over TLS, the national
// list, an auditor.

#include "algoregister/rpc/register_rpc.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/profile_names.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "algoregister/rpc/profile_rpc.h"
#include "algoregister/rpc/publish_rpc.h"
#include "algoregister/rpc/register_admin_rpc.h"
#include "algoregister/store/sql_registration_store.h"
#include "algoregister/store/sql_service_key_store.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/json.h"
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
#include "limpid/algoregister/v1/profile_service.grpc.pb.h"
#include "limpid/algoregister/v1/publish_service.grpc.pb.h"
#include "limpid/algoregister/v1/register_admin_service.grpc.pb.h"
#include "limpid/algoregister/v1/register_service.grpc.pb.h"
#include "tests/integration/algoregister/idle_export.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

template <typename Stub, typename Request, typename Response>
grpc::StatusCode Call(Stub& stub,
                      grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                   const Request&, Response*),
                      const Request& request, Response& response) {
  grpc::ClientContext context;
  rpc::SetDeadline(context, absl::Seconds(30));
  return (stub.*method)(&context, request, &response).error_code();
}

// A register served on a free port, with clients of every kind.
class RegisterServer {
 public:
  RegisterServer() {
    storage::Options options;
    options.path = folder_.path() / "store.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    options.migrations = RegisterMigrations();
    database_ = storage::Database::Create(std::move(options)).value();
    versions_.emplace(*database_);
    publishers_.emplace(*database_);
    service_keys_.emplace(*database_);
    head_ = tlog::FileHeadStore::Open(folder_.path() / "head").value();
    log_ =
        tlog::Log::OpenOrCreate({.directory = folder_.path() / "log",
                                 .origin = "example.org/register",
                                 .head = *head_,
                                 .key = crypto::Ed25519PrivateKey::Generate(),
                                 .clock = clock_})
            .value();
    const Register::Parts parts = {*versions_,     *log_,
                                   clock_,         crypto::SystemRandom(),
                                   *service_keys_, ProfileNames()};
    register_.emplace(parts);
    desk_.emplace(*register_, parts);
    Serve();
  }

  [[nodiscard]] std::shared_ptr<grpc::Channel> Channel(
      const testing::TestCertificate* certificate) const {
    rpc::ChannelOptions options;
    options.address = "localhost:" + std::to_string(server_->port());
    options.ca_pem = tls_.server_ca_pem();
    if (certificate != nullptr) {
      options.certificate_pem = certificate->certificate_pem;
      options.private_key_pem = certificate->private_key_pem;
    }
    return rpc::MakeChannel(options).value();
  }

  // Registers the publisher's certificate and key as an administrator.
  void AdmitPublisher() {
    const auto admin = tls_.IssueAdministrator("admin");
    v1::RegisterAdminService::Stub stub(Channel(&admin));
    v1::CreatePublisherRequest request;
    request.set_request_id(std::string(16, 'r'));
    request.mutable_publisher()->set_name("City of Examples");
    request.mutable_publisher()->set_importer(true);
    request.mutable_publisher()->add_certificate_thumbprints(
        base::ToText(certificate_.thumbprint));
    request.mutable_publisher()->add_signing_public_keys(
        base::ToText(key_.PublicKey().bytes));
    v1::CreatePublisherResponse response;
    ASSERT_EQ(Call(stub, &v1::RegisterAdminService::Stub::CreatePublisher,
                   request, response),
              grpc::StatusCode::OK);
  }

  std::string SignDraft(const v1::VersionDraft& draft) {
    std::vector<FieldDisclosure> fields;
    for (const v1::FieldDisclosure& field : draft.disclosures()) {
      fields.push_back(
          {.pointer = field.pointer(),
           .salt = base::ToArray<32>(base::AsBytes(field.salt())).value(),
           .value = json::ParseStrict(field.value_json()).value()});
    }
    const auto signature = receipt::SignRegistrationLeaf(
        base::AsBytes(draft.leaf_body()), fields, key_);
    EXPECT_THAT(signature, IsOk());
    return signature.ok() ? base::ToText(*signature) : std::string();
  }

  // Plans an import; fills rows and summary.
  grpc::StatusCode Plan(const std::string& file,
                        std::vector<v1::ImportRow>& rows,
                        v1::ImportSummary& summary, bool complete = false) {
    v1::PublishService::Stub stub(Channel(&certificate_));
    v1::PlanImportRequest request;
    request.set_profile("nl-list");
    request.set_file(file);
    request.set_reason("the national list");
    request.set_complete(complete);
    request.set_signing_public_key(base::ToText(key_.PublicKey().bytes));
    grpc::ClientContext context;
    rpc::SetDeadline(context, absl::Seconds(60));
    const auto reader = stub.PlanImport(&context, request);
    v1::PlanImportResponse part;
    while (reader->Read(&part)) {
      if (part.has_row()) rows.push_back(part.row());
      if (part.has_summary()) summary = part.summary();
    }
    return reader->Finish().error_code();
  }

  // Plans, signs and commits; returns the last progress.
  v1::CommitImportResponse Import(const std::string& file) {
    std::vector<v1::ImportRow> rows;
    v1::CommitImportRequest request;
    v1::ImportSummary summary;
    EXPECT_EQ(Plan(file, rows, summary), grpc::StatusCode::OK);
    request.set_import_id(summary.import_id());
    for (const v1::ImportRow& row : rows) {
      for (const v1::VersionDraft& draft : row.drafts()) {
        request.add_signatures(SignDraft(draft));
      }
    }
    v1::PublishService::Stub stub(Channel(&certificate_));
    grpc::ClientContext context;
    rpc::SetDeadline(context, absl::Seconds(60));
    const auto reader = stub.CommitImport(&context, request);
    v1::CommitImportResponse progress;
    while (reader->Read(&progress)) ++report_count_;
    EXPECT_TRUE(reader->Finish().ok());
    return progress;
  }

  v1::RegisterService::Stub Reader() { return {Channel(nullptr)}; }
  tlog::Log& log() { return *log_; }
  [[nodiscard]] const testing::TestTls& tls() const { return tls_; }
  [[nodiscard]] const testing::TestCertificate& certificate() const {
    return certificate_;
  }
  [[nodiscard]] std::filesystem::path log_folder() const {
    return folder_.path() / "log";
  }
  [[nodiscard]] int report_count() const { return report_count_; }
  [[nodiscard]] int port() const { return server_->port(); }
  crypto::Ed25519PrivateKey& key() { return key_; }

 private:
  void Serve() {
    rpc::RuntimeOptions options;
    options.admin_ca_pem = tls_.admin_ca_pem();
    runtime_.emplace(std::move(options), clock_);
    reads_.emplace(*runtime_, rpc::AuthPolicy::Public(),
                   RegisterRpc::Parts{.store = *versions_,
                                      .publishers = *publishers_,
                                      .log = *log_,
                                      .log_url = "https://example.org/log/"});
    profiles_.emplace(*runtime_, rpc::AuthPolicy::Public());
    writes_.emplace(*runtime_, rpc::AuthPolicy::Service(),
                    PublishRpc::Parts{.target = *register_,
                                      .desk = *desk_,
                                      .publishers = *publishers_,
                                      .log = *log_});
    admin_.emplace(*runtime_, rpc::AuthPolicy::Administrator(), *publishers_);
    server_ = rpc::Server::Start(
                  {.certificate_pem = tls_.server().certificate_pem,
                   .private_key_pem = tls_.server().private_key_pem,
                   .client_roots_pem = tls_.client_roots_pem()},
                  *runtime_, {&*reads_, &*profiles_, &*writes_, &*admin_})
                  .value();
  }

  testing::TempDir folder_;
  testing::TestTls tls_;
  testing::TestCertificate certificate_ = tls_.IssueService("publisher");
  crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::Generate();
  base::SystemClock clock_;
  std::unique_ptr<storage::Database> database_;
  std::optional<SqlRegistrationStore> versions_;
  std::optional<SqlPublisherStore> publishers_;
  std::optional<SqlServiceKeyStore> service_keys_;
  std::unique_ptr<tlog::FileHeadStore> head_;
  std::unique_ptr<tlog::Log> log_;
  std::optional<Register> register_;
  std::optional<ImportDesk> desk_;
  std::optional<rpc::Runtime> runtime_;
  std::optional<RegisterRpc> reads_;
  std::optional<ProfileRpc> profiles_;
  std::optional<PublishRpc> writes_;
  std::optional<RegisterAdminRpc> admin_;
  std::unique_ptr<rpc::Server> server_;
  int report_count_ = 0;
};

v1::PrepareVersionRequest NewSystem(const crypto::Ed25519PrivateKey& key) {
  v1::PrepareVersionRequest request;
  request.set_reason("first");
  request.set_signing_public_key(base::ToText(key.PublicKey().bytes));
  request.mutable_create()->set_kind(v1::REGISTRATION_KIND_SYSTEM);
  request.mutable_create()->set_content_json(
      R"({"fields":{"title":{"state":"given",)"
      R"("value":{"en":{"origin":"human","text":"Router"}}}}})");
  return request;
}

TEST(RegisterOverGrpc, AVersionIsPublishedReadComparedAndProved) {
  RegisterServer server;
  server.AdmitPublisher();
  v1::PublishService::Stub writer(server.Channel(&server.certificate()));
  const auto publish = [&](const v1::PrepareVersionRequest& change) {
    v1::PrepareVersionResponse prepared;
    EXPECT_EQ(Call(writer, &v1::PublishService::Stub::PrepareVersion, change,
                   prepared),
              grpc::StatusCode::OK);
    v1::PublishVersionRequest request;
    *request.mutable_draft() = prepared.draft();
    request.set_signature(server.SignDraft(prepared.draft()));
    v1::PublishVersionResponse published;
    EXPECT_EQ(Call(writer, &v1::PublishService::Stub::PublishVersion, request,
                   published),
              grpc::StatusCode::OK);
    return published;
  };
  const auto first = publish(NewSystem(server.key()));
  v1::PrepareVersionRequest change = NewSystem(server.key());
  change.set_reason("renamed");
  std::string content = change.create().content_json();
  change.mutable_update()->set_registration_id(first.registration_id());
  change.mutable_update()->set_content_json(
      content.replace(content.find("Router"), 6, "Switch"));
  EXPECT_EQ(publish(change).version(), 2);

  auto reader = server.Reader();
  v1::GetRegistrationRequest get;
  get.set_registration_id(first.registration_id());
  v1::GetRegistrationResponse got;
  ASSERT_EQ(Call(reader, &v1::RegisterService::Stub::GetRegistration, get, got),
            grpc::StatusCode::OK);
  EXPECT_EQ(got.version().title(), "Switch");
  EXPECT_EQ(got.newest_version(), 2);
  v1::DiffRegistrationVersionsRequest diff;
  diff.set_registration_id(first.registration_id());
  diff.set_from_version(1);
  diff.set_to_version(2);
  v1::DiffRegistrationVersionsResponse changes;
  ASSERT_EQ(Call(reader, &v1::RegisterService::Stub::DiffRegistrationVersions,
                 diff, changes),
            grpc::StatusCode::OK);
  ASSERT_EQ(changes.changes_size(), 2);
  EXPECT_EQ(changes.changes(0).after(), "en: Switch");
  v1::GetRegistrationHistoryRequest history;
  history.set_registration_id(first.registration_id());
  v1::GetRegistrationHistoryResponse timeline;
  ASSERT_EQ(Call(reader, &v1::RegisterService::Stub::GetRegistrationHistory,
                 history, timeline),
            grpc::StatusCode::OK);
  ASSERT_EQ(timeline.versions_size(), 2);
  EXPECT_EQ(timeline.versions(1).reason(), "renamed");
  EXPECT_EQ(timeline.versions(1).author_name(), "City of Examples");
  v1::GetRegistrationProofRequest prove;
  prove.set_registration_id(first.registration_id());
  prove.set_version(1);
  v1::GetRegistrationProofResponse proof;
  ASSERT_EQ(Call(reader, &v1::RegisterService::Stub::GetRegistrationProof,
                 prove, proof),
            grpc::StatusCode::OK);
  const auto parsed = tlog::ParseProof(proof.proof_file());
  ASSERT_THAT(parsed, IsOk());
  const auto policy = tlog::Policy::ForLog(server.log().Vkey());
  EXPECT_THAT(tlog::VerifyProof(*parsed, base::AsBytes(proof.leaf()), *policy),
              IsOk());
}

TEST(RegisterOverGrpc, SnapshotsAreMintedAndSealed) {
  RegisterServer server;
  server.AdmitPublisher();
  v1::PublishService::Stub writer(server.Channel(&server.certificate()));
  v1::PrepareVersionRequest request = NewSystem(server.key());
  request.mutable_create()->set_kind(v1::REGISTRATION_KIND_DATASET);
  v1::PrepareVersionResponse prepared;
  ASSERT_EQ(Call(writer, &v1::PublishService::Stub::PrepareVersion, request,
                 prepared),
            grpc::StatusCode::OK);
  v1::PublishVersionRequest publish;
  *publish.mutable_draft() = prepared.draft();
  publish.set_signature(server.SignDraft(prepared.draft()));
  v1::PublishVersionResponse published;
  ASSERT_EQ(Call(writer, &v1::PublishService::Stub::PublishVersion, publish,
                 published),
            grpc::StatusCode::OK);
  request.mutable_add_snapshot()->set_dataset_id(published.registration_id());
  request.mutable_add_snapshot()->set_name("2026-11");
  ASSERT_EQ(Call(writer, &v1::PublishService::Stub::PrepareVersion, request,
                 prepared),
            grpc::StatusCode::OK);
  EXPECT_TRUE(prepared.snapshot_id().starts_with("snp_"));
}

TEST(RegisterOverGrpc, WritingNeedsAPublisherAndAdmittingAnAdministrator) {
  RegisterServer server;
  v1::PublishService::Stub stranger(server.Channel(&server.certificate()));
  v1::PrepareVersionResponse prepared;
  EXPECT_EQ(Call(stranger, &v1::PublishService::Stub::PrepareVersion,
                 NewSystem(server.key()), prepared),
            grpc::StatusCode::PERMISSION_DENIED);
  v1::PublishService::Stub anonymous(server.Channel(nullptr));
  EXPECT_EQ(Call(anonymous, &v1::PublishService::Stub::PrepareVersion,
                 NewSystem(server.key()), prepared),
            grpc::StatusCode::UNAUTHENTICATED);
  v1::RegisterAdminService::Stub admin(server.Channel(&server.certificate()));
  v1::ListPublishersResponse listed;
  EXPECT_NE(Call(admin, &v1::RegisterAdminService::Stub::ListPublishers,
                 v1::ListPublishersRequest(), listed),
            grpc::StatusCode::OK);
}

TEST(RegisterOverGrpc, ProfilesAreListedForAnyone) {
  RegisterServer server;
  v1::ProfileService::Stub reader(server.Channel(nullptr));
  v1::ListProfilesResponse listed;
  ASSERT_EQ(Call(reader, &v1::ProfileService::Stub::ListProfiles,
                 v1::ListProfilesRequest(), listed),
            grpc::StatusCode::OK);
  EXPECT_NE(
      listed.ShortDebugString().find(
          R"(layout: PROFILE_LAYOUT_JSON_LIST list_member: "algoritmes")"),
      std::string::npos);
}

TEST(RegisterOverGrpc, ACompleteImportTellsWhatItRemoves) {
  RegisterServer server;
  server.AdmitPublisher();
  const std::string one = R"({"id":"1","organisatie":"B","title":"T"})";
  server.Import("[" + one + R"(,{"id":"2","organisatie":"B","title":"T"}])");
  std::vector<v1::ImportRow> rows;
  v1::ImportSummary summary;
  EXPECT_EQ(server.Plan("[" + one + "]", rows, summary, /*complete=*/true),
            grpc::StatusCode::OK);
  EXPECT_EQ(summary.removed_count(), 1);
  EXPECT_EQ(rows.at(1).outcome(), v1::IMPORT_OUTCOME_REMOVED);
}

TEST(RegisterOverGrpc, MalformedRequestsAreInvalid) {
  RegisterServer server;
  server.AdmitPublisher();
  auto reader = server.Reader();
  const auto invalid = grpc::StatusCode::INVALID_ARGUMENT;
  v1::GetRegistrationRequest get;
  v1::GetRegistrationResponse got;
  using Reads = v1::RegisterService::Stub;
  EXPECT_EQ(Call(reader, &Reads::GetRegistration, get, got), invalid);
  get.set_registration_id(
      RegistrationId::Random(RegistrationKind::kSystem).Text());
  EXPECT_EQ(Call(reader, &Reads::GetRegistration, get, got),
            grpc::StatusCode::NOT_FOUND);
  get.set_version(-1);
  EXPECT_EQ(Call(reader, &Reads::GetRegistration, get, got), invalid);
  v1::ListRegistrationsRequest list;
  v1::ListRegistrationsResponse rows;
  list.set_page_token("nonsense");
  EXPECT_EQ(Call(reader, &Reads::ListRegistrations, list, rows), invalid);
  list.clear_page_token();
  list.set_kind(static_cast<v1::RegistrationKind>(99));
  EXPECT_EQ(Call(reader, &Reads::ListRegistrations, list, rows), invalid);
  list.clear_kind();
  list.set_page_size(-1);
  EXPECT_EQ(Call(reader, &Reads::ListRegistrations, list, rows), invalid);

  v1::PublishService::Stub writer(server.Channel(&server.certificate()));
  using Writes = v1::PublishService::Stub;
  v1::PrepareVersionResponse prepared;
  v1::PrepareVersionRequest request = NewSystem(server.key());
  request.clear_change();
  EXPECT_EQ(Call(writer, &Writes::PrepareVersion, request, prepared), invalid);
  request = NewSystem(server.key());
  request.mutable_create()->set_content_json("{}");
  EXPECT_EQ(Call(writer, &Writes::PrepareVersion, request, prepared), invalid);
  request = NewSystem(server.key());
  request.mutable_create()->clear_kind();
  EXPECT_EQ(Call(writer, &Writes::PrepareVersion, request, prepared), invalid);
  request = NewSystem(server.key());
  request.clear_reason();
  EXPECT_EQ(Call(writer, &Writes::PrepareVersion, request, prepared), invalid);
  v1::PublishVersionResponse published;
  EXPECT_EQ(Call(writer, &Writes::PublishVersion, v1::PublishVersionRequest(),
                 published),
            invalid);
  std::vector<v1::ImportRow> planned;
  v1::ImportSummary summary;
  EXPECT_EQ(server.Plan("{\"algoritmes\": [", planned, summary), invalid);
}

TEST(RegisterOverGrpc, TheNationalListIsImportedListedExportedAndAudited) {
  LIMPID_SHARED_OR_SKIP(path,
                        "data/algoregister/nl/algoritmes-2026-06-09.json");
  RegisterServer server;
  server.AdmitPublisher();
  const auto start = std::chrono::steady_clock::now();
  const v1::CommitImportResponse done = server.Import(testing::ReadFile(path));
  const auto took = std::chrono::steady_clock::now() - start;
  RecordProperty(
      "import_ms",
      static_cast<int>(
          std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  EXPECT_EQ(done.committed_row_count(), 1'460);
  EXPECT_EQ(done.failed_row_count(), 0);
  EXPECT_EQ(done.tree_size(), 1'787);
  EXPECT_EQ(server.report_count(), 3);

  auto reader = server.Reader();
  v1::ListRegistrationsRequest list;
  list.set_title_prefix("zivver");
  list.set_page_size(500);
  v1::ListRegistrationsResponse rows;
  ASSERT_EQ(
      Call(reader, &v1::RegisterService::Stub::ListRegistrations, list, rows),
      grpc::StatusCode::OK);
  EXPECT_GE(rows.total_count(), 60);
  EXPECT_EQ(rows.registrations_size(), rows.total_count());
  EXPECT_FALSE(rows.registrations(0).organisation_title().empty());

  v1::ExportRegistrationsRequest request;
  request.set_profile("nl-list");
  grpc::ClientContext context;
  const auto parts = reader.ExportRegistrations(&context, request);
  v1::ExportRegistrationsResponse part;
  std::string file;
  while (parts->Read(&part)) file += part.file_chunk();
  EXPECT_TRUE(parts->Finish().ok());
  std::vector<v1::ImportRow> planned;
  v1::ImportSummary summary;
  EXPECT_EQ(server.Plan(file, planned, summary), grpc::StatusCode::OK);
  EXPECT_EQ(summary.unchanged_count(), 1'460);

  auto narrow = NarrowReader(server.port(), server.tls().server_ca_pem());
  ExpectAShareOfExports(narrow);

  tlog::DirectoryFetcher fetcher(server.log_folder());
  receipt::RegistrationChains chains;
  const tlog::AuditReport report = tlog::Audit(
      fetcher,
      {.policy = *tlog::Policy::ForLog(server.log().Vkey()),
       .leaf_kind = tlog::LeafKind::kRegister,
       .check_entry = [&chains](std::uint64_t /*index*/, base::ByteView entry) {
         return chains.Take(entry).status();
       }});
  EXPECT_EQ(report.outcome, tlog::AuditOutcome::kPassed) << report.message;
  EXPECT_EQ(report.entry_count, 1'787U);
}

}  // namespace
}  // namespace limpid::algoregister

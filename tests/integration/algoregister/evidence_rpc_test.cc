// Evidence over gRPC and TLS: a publisher brings a bundle and publishes an
// evaluation; anyone sees the marks.

#include "algoregister/rpc/evidence_rpc.h"

#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/registration/content.h"
#include "algoregister/rpc/export_limit.h"
#include "algoregister/rpc/register_erasure_rpc.h"
#include "algoregister/store/memory_evidence_store.h"
#include "algoregister/store/memory_registration_store.h"
#include "algoregister/upload/evidence_desk.h"
#include "common/base/clock.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"
#include "common/rpc/client.h"
#include "common/rpc/runtime.h"
#include "common/rpc/server.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "limpid/algoregister/v1/evidence_service.grpc.pb.h"
#include "limpid/algoregister/v1/register_erasure_service.grpc.pb.h"
#include "tests/integration/algoregister/gated_store.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/tls.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using Reads = v1::EvidenceService::Stub;

constexpr std::string_view kRows =
    R"(sex,said,label\nf,1,1\nf,1,0\nf,0,1\nf,0,0\nm,1,0\nm,0,0\n)";

std::string BundleText() {
  return absl::StrCat(
      R"({"claims":[{"attribute":"sex","metric":"dp_difference","value":0}],)"
      R"("format":"limpid-evidence-bundle/1","manifest":{"favourable":)"
      R"("positive","groups":["sex"],"k":0,"label":{"column":"label",)"
      R"("negative":"0","positive":"1"},"level":0.95,"prediction":{"column":)"
      R"("said","negative":"0","positive":"1"},"tau":0.8},"rows":")",
      std::string(kRows), "\"}");
}

// Whose bundles can be held up while they are read.
class GatedBundles final : public MemoryEvidenceStore {
 public:
  absl::StatusOr<StoredBundle> Get(
      const base::Digest32& digest) const override {
    gate.Pass();
    return MemoryEvidenceStore::Get(digest);
  }

  mutable Gate gate;
};

class EvidenceOverGrpc : public ::testing::Test {
 protected:
  void SetUp() override {
    Publisher publisher = house_.publisher;
    publisher.certificate_thumbprints = {certificate_.thumbprint};
    ASSERT_THAT(publishers_.Create(publisher, base::RandomIdBytes()), IsOk());
    rpc::RuntimeOptions options;
    options.admin_ca_pem = tls_.admin_ca_pem();
    runtime_.emplace(std::move(options), clock_);
    reads_.emplace(*runtime_, rpc::AuthPolicy::Public(), desk_);
    uploads_.emplace(*runtime_, rpc::AuthPolicy::Service(), desk_, publishers_);
    erasure_.emplace(*runtime_, rpc::AuthPolicy::Administrator(), house_.target,
                     desk_);
    server_ =
        rpc::Server::Start({.certificate_pem = tls_.server().certificate_pem,
                            .private_key_pem = tls_.server().private_key_pem,
                            .client_roots_pem = tls_.client_roots_pem()},
                           *runtime_, {&*reads_, &*uploads_, &*erasure_})
            .value();
  }

  std::shared_ptr<grpc::Channel> Channel(
      const testing::TestCertificate* certificate) {
    rpc::ChannelOptions options;
    options.address = absl::StrCat("localhost:", server_->port());
    options.ca_pem = tls_.server_ca_pem();
    if (certificate != nullptr) {
      options.certificate_pem = certificate->certificate_pem;
      options.private_key_pem = certificate->private_key_pem;
    }
    return rpc::MakeChannel(options).value();
  }

  template <typename Stub, typename Request, typename Response>
  static grpc::StatusCode Call(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, Response& response) {
    grpc::ClientContext context;
    rpc::SetDeadline(context, absl::Seconds(30));
    return (stub.*method)(&context, request, &response).error_code();
  }

  // An evaluation's content that names `digest` and says `groups`, or neither.
  static json::Value Evaluation(const std::string& digest,
                                std::string_view groups = "") {
    json::Value content = NewContent(RegistrationKind::kEvaluation);
    SetField(content, "title", GivenText("en", "Test of the router"));
    if (!digest.empty())
      SetField(content, "bundle", Given(json::Value(digest)));
    if (!groups.empty()) {
      SetField(content, "groups", Given(json::ParseStrict(groups).value()));
    }
    content.Remove("kind");
    return content;
  }
  RegistrationId PublishContent(const json::Value& content) {
    const auto draft = house_.target.PrepareNew(
        house_.By(house_.publisher), RegistrationKind::kEvaluation, content);
    EXPECT_THAT(draft, IsOk());
    const auto version = house_.Publish(*draft);
    EXPECT_THAT(version, IsOk());
    return version->registration;
  }
  // Publishes an evaluation that names `digest`; its id.
  std::string PublishEvaluation(const std::string& digest) {
    return PublishContent(Evaluation(digest)).Text();
  }

  std::string Upload(const std::string& bytes, grpc::StatusCode expected) {
    v1::EvidenceUploadService::Stub stub(Channel(&certificate_));
    v1::UploadEvidenceRequest request;
    request.set_bundle(bytes);
    v1::UploadEvidenceResponse response;
    EXPECT_EQ(Call(stub, &v1::EvidenceUploadService::Stub::UploadEvidence,
                   request, response),
              expected);
    return response.digest();
  }

  base::SystemClock clock_;
  RegisterHouse house_;
  MemoryPublisherStore publishers_;
  GatedBundles bundles_;
  EvidenceDesk desk_{{house_.store, bundles_, clock_}};
  testing::TestTls tls_;
  testing::TestCertificate certificate_ = tls_.IssueService("publisher");
  std::optional<rpc::Runtime> runtime_;
  std::optional<EvidenceRpc> reads_;
  std::optional<EvidenceUploadRpc> uploads_;
  std::optional<RegisterErasureRpc> erasure_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(EvidenceOverGrpc, AnyoneSeesTheMarksAndRecomputes) {
  const std::string bytes = BundleText();
  const std::string digest = Upload(bytes, grpc::StatusCode::OK);
  EXPECT_EQ(digest, evidence::DigestText(crypto::Sha256(base::AsBytes(bytes))));
  const std::string id = PublishEvaluation(digest);
  Reads reader(Channel(nullptr));

  v1::GetEvidenceRequest get;
  get.set_registration_id(id);
  v1::GetEvidenceResponse marks;
  ASSERT_EQ(Call(reader, &Reads::GetEvidence, get, marks),
            grpc::StatusCode::OK);
  EXPECT_EQ(marks.source(), v1::EVIDENCE_SOURCE_BUNDLE);
  EXPECT_EQ(marks.disclosure(), "rows");
  EXPECT_EQ(marks.marks().recomputed(), 1);
  EXPECT_EQ(marks.claims(0).mark(), v1::EVIDENCE_MARK_RECOMPUTED);

  v1::RecomputeEvaluationRequest recompute;
  recompute.set_registration_id(id);
  v1::RecomputeEvaluationResponse all;
  ASSERT_EQ(Call(reader, &Reads::RecomputeEvaluation, recompute, all),
            grpc::StatusCode::OK);
  ASSERT_EQ(all.groups_size(), 2);
  EXPECT_EQ(all.groups(0).n(), 4);
  EXPECT_GT(all.metrics_size(), 30);
  int undefined = 0;
  for (const v1::MetricValue& metric : all.metrics()) {
    EXPECT_EQ(metric.has_value(), metric.undefined_reason().empty())
        << metric.metric_id();
    if (!metric.has_value()) ++undefined;
  }
  EXPECT_GT(undefined, 0);

  v1::GetEvidenceBundleRequest fetch;
  fetch.set_digest(digest);
  v1::GetEvidenceBundleResponse bundle;
  ASSERT_EQ(Call(reader, &Reads::GetEvidenceBundle, fetch, bundle),
            grpc::StatusCode::OK);
  EXPECT_EQ(bundle.bundle(), bytes);

  v1::GetEvidencePlotRequest plot;
  plot.set_registration_id(id);
  plot.set_metric_id("fpr");
  v1::GetEvidencePlotResponse svg;
  ASSERT_EQ(Call(reader, &Reads::GetEvidencePlot, plot, svg),
            grpc::StatusCode::OK);
  EXPECT_TRUE(svg.svg().starts_with("<svg "));
}

TEST_F(EvidenceOverGrpc, ADraftIsRecomputedBeforeItIsPublished) {
  Reads reader(Channel(nullptr));
  v1::RecomputeEvaluationRequest request;
  request.set_content_json(
      R"({"fields":{"groups":{"state":"given","value":[{"attribute":"sex",)"
      R"("group":"f","n":4,"tp":1,"fp":1,"fn":1,"tn":1}]},"claims":{"state":)"
      R"("given","value":[{"metric":"tpr","value":0.4,"ci_low":0.1,)"
      R"("ci_high":0.2}]}}})");
  v1::RecomputeEvaluationResponse all;
  ASSERT_EQ(Call(reader, &Reads::RecomputeEvaluation, request, all),
            grpc::StatusCode::OK);
  EXPECT_EQ(all.evidence().source(), v1::EVIDENCE_SOURCE_COUNTS);
  EXPECT_EQ(all.evidence().marks().differs(), 1);
  EXPECT_EQ(all.evidence().claims(0).interval_mark(),
            v1::EVIDENCE_MARK_DIFFERS);
  // k is 10 unless a registration says otherwise: one case is shown to nobody.
  EXPECT_EQ(all.groups_size(), 0);
  EXPECT_FALSE(all.evidence().unreadable());
  request.set_content_json(
      R"({"fields":{"claims":{"state":"given","value":[{"metric":"tpr"}]}}})");
  ASSERT_EQ(Call(reader, &Reads::RecomputeEvaluation, request, all),
            grpc::StatusCode::OK);
  EXPECT_TRUE(all.evidence().unreadable());
  request.set_content_json("[]");
  EXPECT_EQ(Call(reader, &Reads::RecomputeEvaluation, request, all),
            grpc::StatusCode::INVALID_ARGUMENT);
  // Larger than what may be published.
  request.set_content_json("{}" + std::string(std::size_t{256} << 10U, ' '));
  EXPECT_EQ(Call(reader, &Reads::RecomputeEvaluation, request, all),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
}

// Who is alone in a group is named nowhere, and in no drawing either.
TEST_F(EvidenceOverGrpc, ASmallGroupIsInNoPlot) {
  const RegistrationId id = PublishContent(Evaluation(
      "", R"([{"attribute":"who","group":"Noor","n":4,"tp":1,"fp":1,"fn":1,)"
          R"("tn":1},{"attribute":"who","group":"others","n":400,"tp":100,)"
          R"("fp":100,"fn":100,"tn":100},{"attribute":"who","group":"rest",)"
          R"("n":400,"tp":100,"fp":100,"fn":100,"tn":100}])"));
  Reads reader(Channel(nullptr));
  v1::RecomputeEvaluationRequest recompute;
  recompute.set_registration_id(id.Text());
  v1::RecomputeEvaluationResponse all;
  ASSERT_EQ(Call(reader, &Reads::RecomputeEvaluation, recompute, all),
            grpc::StatusCode::OK);
  EXPECT_EQ(all.SerializeAsString().find("Noor"), std::string::npos);
  v1::GetEvidencePlotRequest plot;
  plot.set_registration_id(id.Text());
  plot.set_metric_id("fpr");
  v1::GetEvidencePlotResponse svg;
  ASSERT_EQ(Call(reader, &Reads::GetEvidencePlot, plot, svg),
            grpc::StatusCode::OK);
  EXPECT_NE(svg.svg().find("small groups"), std::string::npos);
  EXPECT_EQ(svg.svg().find("Noor"), std::string::npos);
}

TEST_F(EvidenceOverGrpc, TheVersionThatIsAskedForIsAnswered) {
  const std::string digest = Upload(BundleText(), grpc::StatusCode::OK);
  const RegistrationId id = PublishContent(Evaluation(
      digest, R"([{"attribute":"sex","group":"f","n":400,"tp":100,"fp":100,)"
              R"("fn":100,"tn":100}])"));
  ASSERT_THAT(house_.Publish(*house_.target.PrepareUpdate(
                  house_.By(house_.publisher), id, Evaluation(""))),
              IsOk());
  Reads reader(Channel(nullptr));
  v1::GetEvidenceRequest get;
  get.set_registration_id(id.Text());
  get.set_version(1);
  v1::GetEvidenceResponse first;
  ASSERT_EQ(Call(reader, &Reads::GetEvidence, get, first),
            grpc::StatusCode::OK);
  EXPECT_EQ(first.source(), v1::EVIDENCE_SOURCE_BUNDLE);
  EXPECT_TRUE(first.counts_differ());
  EXPECT_EQ(first.remark(), "");
  get.set_version(0);
  v1::GetEvidenceResponse newest;
  ASSERT_EQ(Call(reader, &Reads::GetEvidence, get, newest),
            grpc::StatusCode::OK);
  EXPECT_EQ(newest.source(), v1::EVIDENCE_SOURCE_UNSPECIFIED);
  EXPECT_FALSE(newest.remark().empty());
}

TEST_F(EvidenceOverGrpc, WhatDiffersFromTheBundleIsAnswered) {
  const std::string digest = Upload(BundleText(), grpc::StatusCode::OK);
  json::Value content = Evaluation(digest);
  SetField(content, "favourable", Given(json::Value("negative")));
  SetField(content, "claims",
           Given(json::ParseStrict(R"([{"metric":"dp_difference","value":0.1,)"
                                   R"("decimals":0}])")
                     .value()));
  Reads reader(Channel(nullptr));
  v1::GetEvidenceRequest get;
  get.set_registration_id(PublishContent(content).Text());
  v1::GetEvidenceResponse found;
  ASSERT_EQ(Call(reader, &Reads::GetEvidence, get, found),
            grpc::StatusCode::OK);
  EXPECT_TRUE(found.settings_differ());
  EXPECT_FALSE(found.counts_differ());
  EXPECT_EQ(found.remark(),
            "other in the registration than in its bundle: favourable");
  ASSERT_EQ(found.claims_size(), 1);
  EXPECT_TRUE(found.claims(0).has_decimals());
  EXPECT_EQ(found.claims(0).decimals(), 0);
  EXPECT_EQ(found.claims(0).mark(), v1::EVIDENCE_MARK_DIFFERS);
}

TEST_F(EvidenceOverGrpc, OnlyPublishersBringAndOnlyBundles) {
  v1::UploadEvidenceRequest request;
  request.set_bundle(BundleText());
  v1::UploadEvidenceResponse response;
  const auto other = tls_.IssueService("stranger");
  using Uploads = v1::EvidenceUploadService::Stub;
  Uploads stranger(Channel(&other));
  EXPECT_EQ(Call(stranger, &Uploads::UploadEvidence, request, response),
            grpc::StatusCode::PERMISSION_DENIED);
  Uploads nobody(Channel(nullptr));
  EXPECT_EQ(Call(nobody, &Uploads::UploadEvidence, request, response),
            grpc::StatusCode::UNAUTHENTICATED);
  Upload("{}", grpc::StatusCode::INVALID_ARGUMENT);
  Upload(std::string(evidence::kMaxBundleBytes + 1, ' '),
         grpc::StatusCode::RESOURCE_EXHAUSTED);
}

TEST_F(EvidenceOverGrpc, AnAdministratorErasesAndEverybodyIsTold) {
  const std::string bytes = BundleText();
  const std::string digest = Upload(bytes, grpc::StatusCode::OK);
  const std::string id = PublishEvaluation(digest);
  using Erase = v1::RegisterErasureService::Stub;
  v1::EraseEvidenceBundleRequest request;
  request.set_digest(digest);
  request.set_ground("GDPR Article 17(1)(d)");
  request.set_validate_only(true);
  v1::EraseEvidenceBundleResponse erased;
  Erase publisher(Channel(&certificate_));
  EXPECT_EQ(Call(publisher, &Erase::EraseEvidenceBundle, request, erased),
            grpc::StatusCode::PERMISSION_DENIED);
  const auto certificate = tls_.IssueAdministrator("admin");
  Erase admin(Channel(&certificate));
  ASSERT_EQ(Call(admin, &Erase::EraseEvidenceBundle, request, erased),
            grpc::StatusCode::OK);
  EXPECT_EQ(erased.size_bytes(), static_cast<std::int64_t>(bytes.size()));

  Reads reader(Channel(nullptr));
  v1::GetEvidenceErasureRequest ask;
  ask.set_digest(digest);
  v1::GetEvidenceErasureResponse record;
  EXPECT_EQ(Call(reader, &Reads::GetEvidenceErasure, ask, record),
            grpc::StatusCode::NOT_FOUND);
  request.set_validate_only(false);
  ASSERT_EQ(Call(admin, &Erase::EraseEvidenceBundle, request, erased),
            grpc::StatusCode::OK);
  EXPECT_EQ(erased.erasure().role(), v1::ERASURE_ROLE_ADMINISTRATOR);
  ASSERT_EQ(Call(reader, &Reads::GetEvidenceErasure, ask, record),
            grpc::StatusCode::OK);
  EXPECT_EQ(record.erasure().SerializeAsString(),
            erased.erasure().SerializeAsString());

  v1::GetEvidenceBundleRequest fetch;
  fetch.set_digest(digest);
  v1::GetEvidenceBundleResponse bundle;
  EXPECT_EQ(Call(reader, &Reads::GetEvidenceBundle, fetch, bundle),
            grpc::StatusCode::FAILED_PRECONDITION);
  v1::GetEvidenceRequest get;
  get.set_registration_id(id);
  v1::GetEvidenceResponse marks;
  ASSERT_EQ(Call(reader, &Reads::GetEvidence, get, marks),
            grpc::StatusCode::OK);
  EXPECT_EQ(marks.bundle_digest(), digest);
  EXPECT_EQ(marks.erasure().ground(), "GDPR Article 17(1)(d)");
  EXPECT_EQ(marks.claims_size(), 0);
  v1::GetEvidencePlotRequest plot;
  plot.set_registration_id(id);
  plot.set_metric_id("fpr");
  v1::GetEvidencePlotResponse svg;
  EXPECT_EQ(Call(reader, &Reads::GetEvidencePlot, plot, svg),
            grpc::StatusCode::FAILED_PRECONDITION);
  Upload(bytes, grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(EvidenceOverGrpc, MalformedRequestsAreInvalid) {
  Reads reader(Channel(nullptr));
  const auto invalid = grpc::StatusCode::INVALID_ARGUMENT;
  v1::GetEvidenceRequest get;
  v1::GetEvidenceResponse marks;
  EXPECT_EQ(Call(reader, &Reads::GetEvidence, get, marks), invalid);
  get.set_registration_id(
      RegistrationId::Random(RegistrationKind::kEvaluation).Text());
  EXPECT_EQ(Call(reader, &Reads::GetEvidence, get, marks),
            grpc::StatusCode::NOT_FOUND);
  get.set_registration_id(house_.NewSystem("Router").registration.Text());
  EXPECT_EQ(Call(reader, &Reads::GetEvidence, get, marks),
            grpc::StatusCode::FAILED_PRECONDITION);
  v1::GetEvidenceBundleRequest fetch;
  v1::GetEvidenceBundleResponse bundle;
  EXPECT_EQ(Call(reader, &Reads::GetEvidenceBundle, fetch, bundle), invalid);
  fetch.set_digest(evidence::DigestText({}));
  EXPECT_EQ(Call(reader, &Reads::GetEvidenceBundle, fetch, bundle),
            grpc::StatusCode::NOT_FOUND);
  v1::GetEvidencePlotRequest plot;
  v1::GetEvidencePlotResponse svg;
  plot.set_metric_id("goodness");
  EXPECT_EQ(Call(reader, &Reads::GetEvidencePlot, plot, svg), invalid);
}

TEST_F(EvidenceOverGrpc, ResultSetsAreComparedAndMetricsListed) {
  Reads reader(Channel(nullptr));
  v1::CompareResultsRequest request;
  request.set_left("case,result,sex\n1,a,f\n2,b,m\n");
  request.set_right("case,result\n1,a\n2,a\n");
  v1::CompareResultsResponse compared;
  ASSERT_EQ(Call(reader, &Reads::CompareResults, request, compared),
            grpc::StatusCode::OK);
  ASSERT_EQ(compared.agreements_size(), 3);
  EXPECT_EQ(compared.agreements(0).rate(), 0.5);
  EXPECT_EQ(compared.agreements(2).pairs(0).right(), "a");
  const auto digest = [](std::string_view set) {
    return evidence::DigestText(crypto::Sha256(base::AsBytes(set)));
  };
  EXPECT_EQ(compared.left_digest(), digest(request.left()));
  EXPECT_EQ(compared.right_digest(), digest(request.right()));
  request.set_right("case,result\n1,\xff\n2,a\n");
  EXPECT_EQ(Call(reader, &Reads::CompareResults, request, compared),
            grpc::StatusCode::INVALID_ARGUMENT);
  std::swap(*request.mutable_left(), *request.mutable_right());
  EXPECT_EQ(Call(reader, &Reads::CompareResults, request, compared),
            grpc::StatusCode::INVALID_ARGUMENT);
  v1::ListMetricsResponse metrics;
  ASSERT_EQ(
      Call(reader, &Reads::ListMetrics, v1::ListMetricsRequest(), metrics),
      grpc::StatusCode::OK);
  EXPECT_GT(metrics.metrics_size(), 30);
  EXPECT_EQ(metrics.metrics(0).metric_id(), "base_rate");
}

TEST_F(EvidenceOverGrpc, OneAddressHoldsItsShareOfDearAnswers) {
  v1::RecomputeEvaluationRequest recompute;
  recompute.set_content_json(
      absl::StrCat(R"({"fields":{"bundle":{"state":"given","value":")",
                   evidence::DigestText({}), "\"}}}"));
  const auto ask = [this, &recompute] {
    Reads reader(Channel(nullptr));
    v1::RecomputeEvaluationResponse all;
    return Call(reader, &Reads::RecomputeEvaluation, recompute, all);
  };
  v1::CompareResultsRequest sets;
  sets.set_left("case,result\n1,a\n");
  sets.set_right(sets.left());
  const auto compare = [this, &sets] {
    Reads reader(Channel(nullptr));
    v1::CompareResultsResponse compared;
    return Call(reader, &Reads::CompareResults, sets, compared);
  };
  bundles_.gate.Close();
  std::vector<std::future<grpc::StatusCode>> open;
  for (int i = 0; i < ExportLimit::kMostPerClient; ++i) {
    open.push_back(std::async(std::launch::async, ask));
  }
  bundles_.gate.AwaitWaiting(ExportLimit::kMostPerClient);
  // What waits at the gate is not what is asked for here.
  recompute.set_content_json("{}");
  EXPECT_EQ(ask(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(compare(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  bundles_.gate.Open();
  for (auto& one : open) EXPECT_EQ(one.get(), grpc::StatusCode::OK);
  EXPECT_EQ(ask(), grpc::StatusCode::OK);
  EXPECT_EQ(compare(), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace limpid::algoregister

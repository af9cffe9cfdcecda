// ./dev bench growth [--records N,N,...]: one authorisation over TLS (identity,
// decision, durable access entry, permit) on stores of growing size, over
// records picked at random, against a bare echo on the same listener with the
// same credentials, edge, channels and sizes of messages, in one run. Client
// and server share the cores.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"
#include "common/rpc/client.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "limpid/bench/v1/echo_service.grpc.pb.h"
#include "limpid/consent/v1/decision_service.grpc.pb.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/echo_server.h"
#include "tests/bench/load.h"
#include "tests/bench/record_generator.h"
#include "tests/bench/report.h"
#include "tests/testing/shared.h"
#include "tests/testing/world/split.h"

namespace limpid::bench {
namespace {

constexpr absl::Duration kWarmUp = absl::Seconds(1);
constexpr absl::Duration kDuration = absl::Seconds(4);
constexpr std::size_t kChannels = 4;
constexpr char kPurpose[] = "https://w3id.org/dpv#ServiceProvision";
constexpr int kValidDays = 300;

const std::vector<std::string>& Attributes() {
  static const auto* const kAll = new std::vector<std::string>{
      "person.name", "person.email", "person.address", "income.annual",
      "household.size"};
  return *kAll;
}

struct AuthorizeCall {
  grpc::ClientContext context;
  consent::v1::AuthorizeRequest request;
  consent::v1::AuthorizeResponse response;
};
struct EchoCallState {
  grpc::ClientContext context;
  vault::v1::ReadAttributesRequest request;
  vault::v1::ReadAttributesResponse response;
};

// One store of one size.
class Growth {
 public:
  Growth(const std::filesystem::path& directory, std::size_t records)
      : records_(records),
        split_(directory / "split", testing::InProcess(WithEcho(answer_)),
               testing::InProcess(), testing::LogPace::kSteady) {}

  Case Run(double& echo_rps, double& smallest_p50) {
    Prepare();
    std::vector<Figure> figures = {
        {"records", static_cast<double>(records_)},
        {"bytes_per_record", made_.bytes_per_record},
        {"records_per_s", made_per_s_},
        // Every page of every store is read and checked.
        {"start_us", start_us_}};
    for (const int in_flight : {1, 64, 256}) {
      const LoadResult echo = RunLoad(in_flight, kWarmUp, kDuration, Echo());
      const LoadResult own =
          RunLoad(in_flight, kWarmUp, kDuration, Authorize());
      LIMPID_CHECK(echo.failures + own.failures == 0);
      if (in_flight == 64) {
        echo_rps = echo.per_second;
        if (smallest_p50 == 0) smallest_p50 = own.p50_us;
        figures.push_back({"ratio_p50_to_smallest", own.p50_us / smallest_p50});
      }
      const std::string at = absl::StrCat("_at_", in_flight);
      figures.push_back({"rps" + at, own.per_second});
      figures.push_back({"echo_rps" + at, echo.per_second});
      figures.push_back({"ratio_rps" + at, own.per_second / echo.per_second});
      figures.push_back({"p50" + at + "_us", own.p50_us});
      figures.push_back({"p99" + at + "_us", own.p99_us});
    }
    return {absl::StrCat("authorize-5/", records_), std::move(figures)};
  }

 private:
  void Prepare() {
    testing::AgreementPlan plan;
    plan.purpose = kPurpose;
    plan.attributes = Attributes();
    service_ = split_.consent().AddService("bench", plan);
    const auto agreement = split_.consent().admin().CreateAgreement(
        testing::World::AgreementRequest(service_, plan));
    LIMPID_CHECK(agreement.ok());
    thumbprint_ = *crypto::SpkiThumbprint(service_.channel.certificate_pem);
    split_.consent().Stop();
    const absl::Duration took = Measure([&] {
      made_ = GenerateRecords(
          split_.consent().directory() / server::layout::kConfig,
          PatternOf(*agreement), records_);
    });
    made_per_s_ = PerSecond(static_cast<double>(made_.ids.size()), took);
    start_us_ = absl::ToDoubleMicroseconds(
        Measure([&] { split_.consent().StartAgain(); }));
    for (std::size_t i = 0; i < kChannels; ++i) {
      const auto channel = rpc::MakeChannel(split_.SourceChannel());
      LIMPID_CHECK(channel.ok());
      decisions_.push_back(consent::v1::DecisionService::NewStub(*channel));
      echoes_.push_back(v1::EchoService::NewStub(*channel));
    }
    FillEcho();
  }

  RecordPattern PatternOf(const consent::v1::Agreement& agreement) {
    RecordPattern out;
    out.purpose = kPurpose;
    out.source = *consent::SourceId::Parse(split_.source_id());
    consent::Revision& granted = out.granted;
    granted.state = consent::RecordState::kGranted;
    granted.event = receipt::AccessKind::kGranted;
    granted.evidence = consent::Evidence::kKey;
    granted.number = 2;
    granted.service = *consent::ServiceId::Parse(service_.id);
    granted.agreement = *consent::AgreementId::Parse(agreement.agreement_id());
    granted.agreement_version = agreement.version();
    granted.agreement_hash =
        *base::ToArray<32>(base::AsBytes(agreement.hash()));
    granted.time = absl::FromUnixMillis(absl::ToUnixMillis(clock_.Now()));
    granted.from = granted.time;
    granted.until = granted.time + absl::Hours(24 * kValidDays);
    for (std::size_t i = 0; i < Attributes().size(); ++i) {
      granted.lines.push_back(static_cast<std::uint16_t>(i));
    }
    return out;
  }

  // The echo answers with as many bytes as an authorisation.
  void FillEcho() {
    auto call = NewCall();
    LIMPID_CHECK(decisions_.front()
                     ->Authorize(&call->context, call->request, &call->response)
                     .ok());
    LIMPID_CHECK(!call->response.permit().empty());
    answer_->set_access_promise(
        std::string(call->response.ByteSizeLong(), 'a'));
  }

  [[nodiscard]] std::shared_ptr<AuthorizeCall> NewCall() const {
    auto call = std::make_shared<AuthorizeCall>();
    const auto pick = crypto::RandomArray<8>();
    std::uint64_t number = 0;
    for (const std::uint8_t byte : pick) number = number << 8U | byte;
    call->request.set_record_id(made_.ids[number % made_.ids.size()].Text());
    call->request.set_service_spki_thumbprint(base::ToText(thumbprint_));
    call->request.set_purpose(kPurpose);
    for (const std::string& attribute : Attributes()) {
      call->request.add_attributes(attribute);
    }
    call->request.set_source_nonce(base::ToText(crypto::RandomArray<16>()));
    call->request.set_request_hash(base::ToText(crypto::RandomArray<32>()));
    rpc::SetDeadline(call->context, absl::Seconds(10));
    return call;
  }

  StartCall Authorize() {
    return [this](int slot, std::function<void(bool)> done) {
      auto call = NewCall();
      AuthorizeCall* const raw = call.get();
      decisions_[static_cast<std::size_t>(slot) % kChannels]
          ->async()
          ->Authorize(
              &raw->context, &raw->request, &raw->response,
              [this, call, done = std::move(done)](const grpc::Status& status) {
                const bool released =
                    status.ok() && !call->response.permit().empty();
                if (!released) Complain(status, call->response);
                done(released);
              });
    };
  }

  // The first failure: a run with any is no measurement.
  void Complain(const grpc::Status& status,
                const consent::v1::AuthorizeResponse& response) {
    std::call_once(complained_, [&] {
      std::cerr << "a call failed: " << status.error_code() << ' '
                << status.error_message() << ", outcomes "
                << response.outcomes_size();
      for (const auto& outcome : response.outcomes()) {
        std::cerr << ' ' << consent::v1::Reason_Name(outcome.reason());
      }
      std::cerr << '\n';
    });
  }

  StartCall Echo() {
    return [this](int slot, std::function<void(bool)> done) {
      auto call = std::make_shared<EchoCallState>();
      call->request.set_record_id(made_.ids.front().Text());
      call->request.set_purpose_iri(kPurpose);
      for (const std::string& attribute : Attributes()) {
        call->request.add_attributes(attribute);
      }
      // What else an authorisation carries: thumbprint, nonce and hash.
      call->request.set_request_nonce(base::ToText(crypto::RandomArray<80>()));
      rpc::SetDeadline(call->context, absl::Seconds(10));
      EchoCallState* const raw = call.get();
      echoes_[static_cast<std::size_t>(slot) % kChannels]->async()->Echo(
          &raw->context, &raw->request, &raw->response,
          [call, done = std::move(done)](const grpc::Status& status) {
            done(status.ok());
          });
    };
  }

  const std::size_t records_;
  base::SystemClock clock_;
  const EchoAnswer answer_ =
      std::make_shared<vault::v1::ReadAttributesResponse>();
  testing::SplitWorld split_;
  testing::ServiceSide service_;
  base::Digest32 thumbprint_{};
  GeneratedRecords made_;
  double made_per_s_ = 0;
  double start_us_ = 0;
  std::once_flag complained_;
  std::vector<std::unique_ptr<consent::v1::DecisionService::Stub>> decisions_;
  std::vector<std::unique_ptr<v1::EchoService::Stub>> echoes_;
};

absl::Status Run(Arguments& arguments) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  if (arguments.records.empty())
    arguments.records = {10'000, 100'000, 1'000'000};
  Report report;
  report.bench = "growth";
  report.probes = {ProbeFsync(arguments.directory), ProbeSha256()};
  double echo_rps = 0;
  double smallest_p50 = 0;
  for (const std::size_t records : arguments.records) {
    const testing::TempDir directory;
    std::cerr << "making " << records << " records ...\n";
    Growth growth(directory.path(), records);
    report.cases.push_back(growth.Run(echo_rps, smallest_p50));
  }
  report.probes.push_back({"echo_rps", echo_rps});
  return Finish(report, arguments);
}

}  // namespace
}  // namespace limpid::bench

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::bench::Run);
}

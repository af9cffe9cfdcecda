// ./dev bench mediated-read: a service reads five attributes (identity,
// decision, durable access entry, permit, decryption) against a bare echo on
// the same listener, with the same credentials, edge, channels and messages, in
// one run. Client and server share the cores.

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/rpc/client.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "limpid/bench/v1/echo_service.grpc.pb.h"
#include "limpid/vault/v1/vault_service.grpc.pb.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/echo_server.h"
#include "tests/bench/load.h"
#include "tests/bench/report.h"
#include "tests/testing/shared.h"
#include "tests/testing/world/world.h"

namespace limpid::bench {
namespace {

constexpr absl::Duration kWarmUp = absl::Seconds(1);
constexpr absl::Duration kDuration = absl::Seconds(4);
// Beyond this, more channels only cost handshakes.
constexpr int kMaxChannels = 4;
constexpr char kPurpose[] = "https://w3id.org/dpv#ServiceProvision";

// What both loops call with.
struct Call {
  grpc::ClientContext context;
  vault::v1::ReadAttributesRequest request;
  vault::v1::ReadAttributesResponse response;
};

using Stubs = std::vector<std::unique_ptr<vault::v1::VaultService::Stub>>;
using EchoStubs = std::vector<std::unique_ptr<v1::EchoService::Stub>>;

template <typename Vector>
auto& StubOf(const Vector& stubs, int slot) {
  return *stubs[static_cast<std::size_t>(slot) % stubs.size()];
}

vault::v1::ReadAttributesRequest MakeRequest(const std::string& record) {
  vault::v1::ReadAttributesRequest request;
  request.set_record_id(record);
  request.set_purpose_iri(kPurpose);
  for (const char* const attribute :
       {"person.name", "person.email", "person.address", "income.annual",
        "household.size"}) {
    request.add_attributes(attribute);
  }
  request.set_request_nonce(base::ToText(crypto::RandomArray<16>()));
  return request;
}

void FillVault(testing::Person& person) {
  const std::vector<std::pair<std::string, std::string>> values = {
      {"person.name", R"({"family":"Jansen","given":"Ada"})"},
      {"person.email", R"("ada@example.org")"},
      {"person.address",
       R"({"street":"Kerkstraat 1","postcode":"1011 AA","city":"Amsterdam","country":"NL"})"},
      {"income.annual", R"({"amount":32000,"currency":"EUR","year":2025})"},
      {"household.size", "3"}};
  for (const auto& [attribute, value] : values) {
    const auto put = person.vault().Put(attribute, value);
    if (!put.ok()) std::cerr << put.status() << '\n';
    LIMPID_CHECK(put.ok());
  }
}

class Bench {
 public:
  explicit Bench(Arguments arguments)
      : arguments_(std::move(arguments)),
        answer_(std::make_shared<vault::v1::ReadAttributesResponse>()),
        world_(directory_.path() / "limpid",
               testing::InProcess(WithEcho(answer_)),
               testing::LogPace::kSteady) {}

  absl::Status Run() {
    Prepare();
    Report report;
    report.bench = "mediated-read";
    report.probes = {ProbeFsync(directory_.path()), ProbeSha256()};
    bool failed = false;
    if (arguments_.in_flight.empty()) arguments_.in_flight = {1, 16, 64, 256};
    for (const std::size_t count : arguments_.in_flight) {
      const auto in_flight = static_cast<int>(count);
      const LoadResult echo =
          RunLoad(in_flight, kWarmUp, kDuration, EchoCall());
      const LoadResult read =
          RunLoad(in_flight, kWarmUp, kDuration, ReadCall());
      failed = failed || echo.failures + read.failures > 0;
      if (in_flight == 64) {
        report.probes.push_back({"echo_rps", echo.per_second});
      }
      report.cases.push_back(MakeCase(in_flight, read, echo));
    }
    LIMPID_RETURN_IF_ERROR(Finish(report, arguments_));
    return failed ? SomeCallsFailed() : absl::OkStatus();
  }

 private:
  void Prepare() {
    testing::AgreementPlan plan;
    plan.purpose = kPurpose;
    const vault::v1::ReadAttributesRequest sample = MakeRequest("");
    plan.attributes.assign(sample.attributes().begin(),
                           sample.attributes().end());
    service_ = world_.AddService("bench", plan);
    const std::string agreement = world_.AddAgreement(service_, plan);
    for (int i = 0; i < kPersons; ++i) {
      persons_.push_back(world_.AddPerson());
      FillVault(*persons_.back());
      records_.push_back(world_.Grant(service_, agreement, *persons_.back()));
    }
    for (int i = 0; i < kMaxChannels; ++i) {
      rpc::ChannelOptions options = service_.channel;
      const auto channel = rpc::MakeChannel(options);
      LIMPID_CHECK(channel.ok());
      reads_.push_back(vault::v1::VaultService::NewStub(*channel));
      echoes_.push_back(v1::EchoService::NewStub(*channel));
    }
    // The echo answers with what a read really answers.
    Call call;
    call.request = MakeRequest(records_.front());
    rpc::SetDeadline(call.context, absl::Seconds(10));
    const grpc::Status status = reads_.front()->ReadAttributes(
        &call.context, call.request, answer_.get());
    if (!status.ok()) std::cerr << status.error_message() << '\n';
    LIMPID_CHECK(status.ok());
    LIMPID_CHECK(answer_->results_size() == 5);
    for (const auto& result : answer_->results()) {
      LIMPID_CHECK(result.verdict() == vault::v1::VERDICT_ALLOWED);
    }
  }

  StartCall ReadCall() {
    return [this](int slot, std::function<void(bool)> done) {
      auto call = NewCall(slot);
      Call* const raw = call.get();
      StubOf(reads_, slot)
          .async()
          ->ReadAttributes(
              &raw->context, &raw->request, &raw->response,
              [call, done = std::move(done)](const grpc::Status& status) {
                done(status.ok() && call->response.results_size() == 5 &&
                     call->response.results(0).verdict() ==
                         vault::v1::VERDICT_ALLOWED);
              });
    };
  }

  StartCall EchoCall() {
    return [this](int slot, std::function<void(bool)> done) {
      auto call = NewCall(slot);
      Call* const raw = call.get();
      StubOf(echoes_, slot)
          .async()
          ->Echo(&raw->context, &raw->request, &raw->response,
                 [call, done = std::move(done)](const grpc::Status& status) {
                   done(status.ok() && call->response.results_size() == 5);
                 });
    };
  }

  // Shared by the call and its completion, whichever ends last.
  [[nodiscard]] std::shared_ptr<Call> NewCall(int slot) const {
    auto call = std::make_shared<Call>();
    call->request =
        MakeRequest(records_[static_cast<std::size_t>(slot) % records_.size()]);
    rpc::SetDeadline(call->context, absl::Seconds(10));
    return call;
  }

  static double Ratio(double over, double under) {
    return under > 0 ? over / under : 0;
  }

  static Case MakeCase(int in_flight, const LoadResult& read,
                       const LoadResult& echo) {
    return {absl::StrCat("read-5/", in_flight),
            {{"in_flight", static_cast<double>(in_flight)},
             {"rps", read.per_second},
             {"p50_us", read.p50_us},
             {"p99_us", read.p99_us},
             {"cpu_us", read.cpu_us},
             {"echo_rps", echo.per_second},
             {"echo_p50_us", echo.p50_us},
             {"echo_p99_us", echo.p99_us},
             {"echo_cpu_us", echo.cpu_us},
             {"ratio_cpu", Ratio(echo.cpu_us, read.cpu_us)},
             {"ratio_rps", read.per_second / echo.per_second},
             {"ratio_p99", read.p99_us / echo.p99_us}}};
  }

  // Enough that reads of one record do not wait for each other.
  static constexpr int kPersons = 64;

  Arguments arguments_;
  const testing::TempDir directory_;
  const EchoAnswer answer_;
  testing::World world_;
  testing::ServiceSide service_;
  std::vector<std::unique_ptr<testing::Person>> persons_;
  std::vector<std::string> records_;
  Stubs reads_;
  EchoStubs echoes_;
};

absl::Status Run(Arguments& arguments) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  return Bench(arguments).Run();
}

}  // namespace
}  // namespace limpid::bench

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::bench::Run);
}

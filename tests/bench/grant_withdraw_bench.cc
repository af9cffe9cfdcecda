// ./dev bench grant-withdraw: the life of a record (request, bind, grant with a
// signed statement and receipt, withdraw with receipt), each call durable,
// against a bare echo from the same number of threads, in one run.

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/rpc/client.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/tls13.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "limpid/bench/v1/echo_service.grpc.pb.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/echo_server.h"
#include "tests/bench/report.h"
#include "tests/testing/shared.h"
#include "tests/testing/world/world.h"

namespace limpid::bench {
namespace {

constexpr absl::Duration kDuration = absl::Seconds(4);
constexpr int kCallsPerLife = 4;

struct Lives {
  std::atomic<std::uint64_t> count = 0;
  std::atomic<bool> failed = false;
  std::vector<absl::Duration> grants;
  std::vector<absl::Duration> withdrawals;
};

class Bench {
 public:
  explicit Bench(Arguments arguments)
      : arguments_(std::move(arguments)),
        world_(directory_.path() / "limpid",
               testing::InProcess(WithEcho(
                   std::make_shared<vault::v1::ReadAttributesResponse>())),
               testing::LogPace::kSteady) {
    plan_.attributes = {"person.name", "person.email"};
    service_ = world_.AddService("bench", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
  }

  absl::Status Run() {
    Report report;
    report.bench = "grant-withdraw";
    report.probes = {ProbeFsync(directory_.path()), ProbeSha256()};
    bool failed = false;
    for (const int threads : {1, 16, 64}) {
      const double echo = EchoPerSecond(threads);
      if (threads == 64) report.probes.push_back({"echo_rps", echo});
      Lives lives;
      const double per_second = LivesPerSecond(threads, lives);
      failed = failed || lives.failed;
      const double calls = per_second * kCallsPerLife;
      report.cases.push_back(
          {absl::StrCat("life/", threads),
           {{"in_flight", static_cast<double>(threads)},
            {"lives_per_s", per_second},
            {"rps", calls},
            {"grant_p50_us", PercentileUs(lives.grants, 50)},
            {"grant_p99_us", PercentileUs(lives.grants, 99)},
            {"withdraw_p50_us", PercentileUs(lives.withdrawals, 50)},
            {"withdraw_p99_us", PercentileUs(lives.withdrawals, 99)},
            {"echo_rps", echo},
            {"ratio_rps", calls / echo}}});
    }
    LIMPID_RETURN_IF_ERROR(Finish(report, arguments_));
    return failed ? SomeCallsFailed() : absl::OkStatus();
  }

 private:
  // Runs `work(thread, stop)` on every thread for kDuration.
  static void OnThreads(
      int threads,
      const std::function<void(int, const std::atomic<bool>&)>& work) {
    std::atomic<bool> stop = false;
    std::vector<std::thread> running;
    running.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) {
      running.emplace_back([&, i] { work(i, stop); });
    }
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(kDuration));
    stop = true;
    for (std::thread& thread : running) thread.join();
  }

  double EchoPerSecond(int threads) {
    std::atomic<std::uint64_t> count = 0;
    const auto channel = rpc::MakeChannel(service_.channel);
    LIMPID_CHECK(channel.ok());
    OnThreads(threads, [&](int /*thread*/, const std::atomic<bool>& stop) {
      const auto stub = v1::EchoService::NewStub(*channel);
      while (!stop) {
        grpc::ClientContext context;
        rpc::SetDeadline(context, absl::Seconds(10));
        vault::v1::ReadAttributesResponse response;
        if (stub->Echo(&context, {}, &response).ok()) ++count;
      }
    });
    return PerSecond(static_cast<double>(count), kDuration);
  }

  double LivesPerSecond(int threads, Lives& lives) {
    std::vector<std::unique_ptr<testing::Person>> persons;
    for (int i = 0; i < threads; ++i) persons.push_back(world_.AddPerson());
    std::vector<Lives> each(static_cast<std::size_t>(threads));
    OnThreads(threads, [&](int thread, const std::atomic<bool>& stop) {
      const auto i = static_cast<std::size_t>(thread);
      while (!stop) {
        if (!LiveOnce(*persons[i], each[i])) lives.failed = true;
      }
    });
    for (Lives& one : each) {
      lives.count += one.count;
      lives.grants.insert(lives.grants.end(), one.grants.begin(),
                          one.grants.end());
      lives.withdrawals.insert(lives.withdrawals.end(), one.withdrawals.begin(),
                               one.withdrawals.end());
    }
    return PerSecond(static_cast<double>(lives.count), kDuration);
  }

  bool LiveOnce(testing::Person& person, Lives& lives) {
    const auto request = service_.client->CreateRequest(agreement_, 1);
    if (!request.ok()) return false;
    const auto bound = person.consent().BindRequest(request->request_code());
    if (!bound.ok()) return false;
    const std::string record = bound->record().record_id();
    bool granted = false;
    lives.grants.push_back(Measure([&] {
      granted = person.consent().Grant(record, {plan_.attributes, "", {}}).ok();
    }));
    bool withdrawn = false;
    lives.withdrawals.push_back(
        Measure([&] { withdrawn = person.consent().Withdraw(record).ok(); }));
    ++lives.count;
    return granted && withdrawn;
  }

  const Arguments arguments_;
  const testing::TempDir directory_;
  testing::AgreementPlan plan_;
  testing::World world_;
  testing::ServiceSide service_;
  std::string agreement_;
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

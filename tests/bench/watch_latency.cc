#include "tests/bench/watch_latency.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/rpc/client.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "limpid/bench/v1/echo_service.grpc.pb.h"
#include "limpid/consent/v1/service_consent_service.pb.h"
#include "tests/bench/echo_server.h"
#include "tests/bench/load.h"
#include "tests/testing/world/world.h"

namespace limpid::bench {
namespace {

constexpr absl::Duration kWarmUp = absl::Seconds(1);
constexpr absl::Duration kDuration = absl::Seconds(5);
// An event that takes longer after the last call has not arrived.
constexpr absl::Duration kPatience = absl::Seconds(3);
// Streams that the hub serves, each of a service of its own.
constexpr std::size_t kServices = 4;

struct Withdrawal {
  std::string record;
  absl::Duration called;
  absl::Duration answered;
};

struct Arrival {
  // By the clock of Withdrawal.
  absl::Duration at;
  // By the wall clock, after the time in the event.
  absl::Duration after_commit;
};
// By record.
using Arrivals = std::unordered_map<std::string, Arrival>;

absl::Time TimeOf(const consent::v1::RecordEvent& event) {
  return absl::FromUnixSeconds(event.time().seconds()) +
         absl::Nanoseconds(event.time().nanos());
}

// One service with its agreement and what it heard.
struct Subscriber {
  testing::ServiceSide side;
  std::string agreement;
  std::atomic<bool> listening = false;
  Arrivals arrivals;
};

// Listens until no event can come any more.
void Listen(Subscriber& subscriber, const base::Clock& clock) {
  const absl::Status status = subscriber.side.client->Watch(
      "", kWarmUp + kDuration + kPatience,
      [&](const consent::v1::WatchResponse& item) {
        // The first heartbeat of a new service comes at once.
        subscriber.listening = true;
        if (item.event().state() == consent::v1::RECORD_STATE_WITHDRAWN) {
          subscriber.arrivals.try_emplace(
              item.event().record_id(),
              Arrival{Elapsed(), clock.Now() - TimeOf(item.event())});
        }
        return true;
      });
  if (!status.ok()) std::cerr << status << '\n';
  LIMPID_CHECK(status.ok());
}

// Latencies of the withdrawals that one run saw, each taken three times. All
// end when the client library hands the event to the subscriber.
struct WatchTimes {
  // From the time written in the event: that of the commit's batch, taken when
  // the batch begins and cut to a whole millisecond. So never less than from
  // the commit itself, and more by the batch's work, its sync and a
  // millisecond.
  std::vector<absl::Duration> from_commit;
  // From the answer to the withdrawing person; zero when the event was first.
  std::vector<absl::Duration> from_answer;
  // From the start of the withdrawing call.
  std::vector<absl::Duration> from_call;
};

struct EchoCall {
  grpc::ClientContext context;
  vault::v1::ReadAttributesRequest request;
  vault::v1::ReadAttributesResponse response;
};

Figure At(const char* name, std::vector<absl::Duration>& values,
          double percent) {
  return {absl::StrCat("p", static_cast<int>(percent), "_", name, "_us"),
          PercentileUs(values, percent)};
}

}  // namespace

class WatchLatency::Impl {
 public:
  explicit Impl(const std::filesystem::path& directory)
      : world_(directory,
               testing::InProcess(WithEcho(
                   std::make_shared<vault::v1::ReadAttributesResponse>()))) {
    plan_.attributes = {"person.name", "person.email"};
  }

  Case Run(int persons) {
    AddSubscribers();
    const LoadResult echo = Echo(persons);
    echo_rps_ = echo.per_second;
    std::vector<std::thread> listeners = StartListening();
    const std::vector<Withdrawal> withdrawals = Withdraw(persons);
    for (std::thread& listener : listeners) listener.join();
    WatchTimes times = Match(withdrawals);
    const double p99 = PercentileUs(times.from_commit, 99);
    return {
        absl::StrCat("watch/", persons),
        {{"in_flight", static_cast<double>(persons)},
         {"streams", static_cast<double>(kServices)},
         {"withdrawals_per_s",
          PerSecond(static_cast<double>(times.from_call.size()), kDuration)},
         At("from_commit", times.from_commit, 50),
         At("from_commit", times.from_commit, 99),
         At("from_answer", times.from_answer, 50),
         At("from_answer", times.from_answer, 99),
         At("from_call", times.from_call, 50),
         At("from_call", times.from_call, 99),
         {"echo_rps", echo.per_second},
         {"echo_p99_us", echo.p99_us},
         {"ratio_p99", p99 / echo.p99_us}}};
  }

  [[nodiscard]] double echo_rps() const { return echo_rps_; }

 private:
  // New ones for every run: they have no events yet.
  void AddSubscribers() {
    subscribers_.clear();
    for (std::size_t i = 0; i < kServices; ++i) {
      auto made = std::make_unique<Subscriber>();
      made->side = world_.AddService(absl::StrCat("watch-", ++names_), plan_);
      made->agreement = world_.AddAgreement(made->side, plan_);
      subscribers_.push_back(std::move(made));
    }
  }

  LoadResult Echo(int in_flight) {
    const auto channel = rpc::MakeChannel(subscribers_.front()->side.channel);
    LIMPID_CHECK(channel.ok());
    const auto stub = v1::EchoService::NewStub(*channel);
    LoadResult out =
        RunLoad(in_flight, kWarmUp, kDuration,
                [&stub](int /*slot*/, std::function<void(bool)> done) {
                  auto call = std::make_shared<EchoCall>();
                  rpc::SetDeadline(call->context, absl::Seconds(10));
                  EchoCall* const raw = call.get();
                  stub->async()->Echo(
                      &raw->context, &raw->request, &raw->response,
                      [call, done = std::move(done)](
                          const grpc::Status& status) { done(status.ok()); });
                });
    LIMPID_CHECK(out.failures == 0);
    return out;
  }

  // Every subscriber listens when it returns.
  std::vector<std::thread> StartListening() {
    std::vector<std::thread> out;
    out.reserve(subscribers_.size());
    for (const auto& subscriber : subscribers_) {
      out.emplace_back(
          [this, &subscriber] { Listen(*subscriber, world_.clock()); });
    }
    for (const auto& subscriber : subscribers_) {
      while (!subscriber->listening) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    }
    return out;
  }

  // One thread a person, for kWarmUp and kDuration; those that began after the
  // warm-up.
  std::vector<Withdrawal> Withdraw(int persons) {
    const auto count = static_cast<std::size_t>(persons);
    while (persons_.size() < count) persons_.push_back(world_.AddPerson());
    std::vector<std::vector<Withdrawal>> each(count);
    const absl::Duration counted_from = Elapsed() + kWarmUp;
    const absl::Duration end = counted_from + kDuration;
    std::vector<std::thread> threads;
    threads.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      threads.emplace_back([&, i] {
        while (Elapsed() < end) {
          Withdrawal made = LiveOnce(*persons_[i], i);
          if (made.called >= counted_from) each[i].push_back(std::move(made));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    std::vector<Withdrawal> out;
    for (auto& some : each) {
      std::move(some.begin(), some.end(), std::back_inserter(out));
    }
    return out;
  }

  Withdrawal LiveOnce(testing::Person& person, std::size_t thread) {
    Subscriber& subscriber = *subscribers_[thread % kServices];
    Withdrawal out;
    out.record = world_.Grant(subscriber.side, subscriber.agreement, person);
    out.called = Elapsed();
    LIMPID_CHECK(person.consent().Withdraw(out.record).ok());
    out.answered = Elapsed();
    return out;
  }

  WatchTimes Match(const std::vector<Withdrawal>& withdrawals) {
    Arrivals all;
    for (const auto& subscriber : subscribers_) {
      all.merge(subscriber->arrivals);
    }
    WatchTimes out;
    for (const Withdrawal& withdrawal : withdrawals) {
      const auto found = all.find(withdrawal.record);
      LIMPID_CHECK(found != all.end());
      const Arrival& arrival = found->second;
      out.from_commit.push_back(arrival.after_commit);
      out.from_answer.push_back(
          std::max(absl::ZeroDuration(), arrival.at - withdrawal.answered));
      out.from_call.push_back(arrival.at - withdrawal.called);
    }
    return out;
  }

  testing::AgreementPlan plan_;
  testing::World world_;
  int names_ = 0;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::vector<std::unique_ptr<testing::Person>> persons_;
  double echo_rps_ = 0;
};

WatchLatency::WatchLatency(const std::filesystem::path& directory)
    : impl_(std::make_unique<Impl>(directory)) {}
WatchLatency::~WatchLatency() = default;

Case WatchLatency::Run(int persons) { return impl_->Run(persons); }
double WatchLatency::echo_rps() const { return impl_->echo_rps(); }

}  // namespace limpid::bench

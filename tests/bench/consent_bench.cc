// ./dev bench consent: consent in one process, without a network: one decision,
// and grants and withdrawals with statement, receipt and commitment, durable,
// from many callers whose commits are shared. Beside them the naive peer: the
// same store without the redo tail. Then, over TLS, how long a withdrawal takes
// to its subscriber (watch_latency.h), beside a bare echo. A file system in
// memory makes the figures meaningless.

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/crypto/random.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/tls13.h"
#include "consent/consent.h"
#include "consent/decision/decide.h"
#include "tests/bench/bench_main.h"
#include "tests/bench/report.h"
#include "tests/bench/watch_latency.h"
#include "tests/conformance/consent/backends.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using bench::Case;
using testing::IdOf;

constexpr int kDecisions = 200'000;
constexpr std::size_t kAttributes = 20;
constexpr int kThreads = 256;
constexpr int kLivesPerThread = 24;

base::SecretBytes Secret(std::uint8_t byte) {
  base::ByteArray<32> bytes{};
  bytes.fill(byte);
  return base::SecretBytes::Copy(bytes);
}

AgreementContent WideContent() {
  AgreementContent out = testing::CareContent();
  out.lines.clear();
  for (std::size_t i = 0; i < kAttributes; ++i) {
    out.lines.push_back({absl::StrCat("person.a", i),
                         Necessity::kOptional,
                         receipt::Form::kFull,
                         "",
                         "",
                         {}});
  }
  return out;
}

// Time of one decision over twenty attributes of a resident record.
Case DecisionCase() {
  const Agreement agreement = testing::CareAgreement(WideContent());
  Service service = testing::CareService();
  ReadRequest request;
  request.purpose = testing::kCare;
  Revision record = testing::RequestedRecord(agreement);
  record.state = RecordState::kGranted;
  record.from = testing::kStart;
  record.until = testing::kStart + absl::Hours(24);
  for (std::size_t i = 0; i < kAttributes; ++i) {
    request.attributes.push_back(agreement.content.lines[i].attribute);
    service.ceiling_attributes.insert(request.attributes.back());
    record.lines.push_back(static_cast<std::uint16_t>(i));
  }
  Standing standing;
  standing.record = &record;
  standing.agreement = &agreement;
  standing.service = &service;
  standing.caller = agreement.service;
  standing.linked = true;
  const testing::ThreePurposes purposes;
  std::vector<absl::Duration> times;
  times.reserve(kDecisions);
  std::size_t released = 0;
  for (int i = 0; i < kDecisions; ++i) {
    times.push_back(bench::Measure([&] {
      released += Decide(request, standing, purposes, testing::kStart).size();
    }));
  }
  LIMPID_CHECK(released == kAttributes * kDecisions);
  return {"decide-20",
          {{"p50_us", bench::PercentileUs(times, 50)},
           {"p99_us", bench::PercentileUs(times, 99)}}};
}

// A role over files in a directory of its own.
class Role {
 public:
  explicit Role(testing::Backend backend)
      : stores_(testing::MakeStores(backend)),
        stops_(OpenStopLedger(directory_.path() / "stops", Secret(3)).value()) {
    ConsentOptions options;
    options.operator_name = "limpid.example";
    options.sources = {{IdOf<SourceId>(7), "Vault", ""}};
    options.log_interval = absl::Hours(1);
    consent_ = Consent::Open({stores_->ledger(), stores_->keys(), keks_,
                              *stops_, log_, systems_, purposes_, clock_},
                             {testing::KeyOf(1), testing::KeyOf(2), Secret(4)},
                             std::move(options))
                   .value();
    base::ByteArray<16> request_id{1};
    Service service = testing::CareService();
    service.id = ServiceId();
    service_ = consent_->CreateService(request_id, service).value();
    agreement_ = consent_
                     ->CreateAgreement(service_->id, std::nullopt,
                                       testing::CareContent())
                     .value();
  }

  Consent& consent() { return *consent_; }

  // A record of a new person that waits for her answer, and her statement.
  struct Waiting {
    PersonId person;
    RecordId record;
    receipt::SignedStatement statement;
  };
  std::vector<Waiting> MakeWaiting(int count) {
    const auto key = crypto::Ed25519PrivateKey::FromSeed(
        base::SecretBytes::Copy(crypto::RandomArray<32>()));
    const PersonId person =
        consent_->CreateAccount(key->PublicKey()).value().person;
    std::vector<Waiting> out;
    for (int i = 0; i < count; ++i) {
      NewRequest request;
      request.agreement = agreement_->id;
      request.version = agreement_->version;
      request.request_id = crypto::RandomArray<16>();
      const auto code = consent_->CreateRequest(service_->id, request);
      const RecordView record =
          consent_->BindRequest(person, code->code).value();
      out.push_back({person, record.revision.record,
                     receipt::SignStatement(
                         testing::StatementFor(record.revision,
                                               *record.agreement, clock_.Now()),
                         *key)});
    }
    return out;
  }

 private:
  limpid::testing::TempDir directory_;
  base::SystemClock clock_;
  testing::OneKek keks_;
  testing::FakeAccessLog log_;
  testing::OneSystem systems_;
  testing::ThreePurposes purposes_;
  std::unique_ptr<testing::Stores> stores_;
  std::unique_ptr<StopLedger> stops_;
  std::unique_ptr<Consent> consent_;
  ServicePointer service_;
  AgreementPointer agreement_;
};

using Times = std::vector<absl::Duration>;

// Runs `act` for every waiting record, one thread a person; acts per second.
double RunActs(std::vector<std::vector<Role::Waiting>>& all, Times& times,
               const std::function<bool(const Role::Waiting&)>& act) {
  std::vector<Times> each(all.size());
  std::atomic<bool> failed = false;
  const absl::Duration elapsed = bench::Measure([&] {
    std::vector<std::thread> threads;
    threads.reserve(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      threads.emplace_back([&, i] {
        for (const Role::Waiting& waiting : all[i]) {
          each[i].push_back(bench::Measure([&] {
            if (!act(waiting)) failed = true;
          }));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  for (const Times& some : each) {
    times.insert(times.end(), some.begin(), some.end());
  }
  LIMPID_CHECK(!failed);
  return bench::PerSecond(static_cast<double>(times.size()), elapsed);
}

struct ActFigures {
  double grants_per_s = 0;
  double withdrawals_per_s = 0;
  Times grants;
  Times withdrawals;
};

ActFigures RunRole(testing::Backend backend, int threads) {
  Role role(backend);
  std::vector<std::vector<Role::Waiting>> all;
  all.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    all.push_back(role.MakeWaiting(kLivesPerThread));
  }
  ActFigures out;
  out.grants_per_s =
      RunActs(all, out.grants, [&](const Role::Waiting& waiting) {
        return role.consent()
            .Grant(waiting.person, waiting.record, waiting.statement)
            .ok();
      });
  out.withdrawals_per_s =
      RunActs(all, out.withdrawals, [&](const Role::Waiting& waiting) {
        return role.consent().Withdraw(waiting.person, waiting.record).ok();
      });
  return out;
}

Case ActCase(int threads) {
  ActFigures naive = RunRole(testing::Backend::kSqlCipher, threads);
  ActFigures tailed = RunRole(testing::Backend::kTailed, threads);
  return {absl::StrCat("grant-withdraw/", threads),
          {{"in_flight", static_cast<double>(threads)},
           {"grants_per_s", tailed.grants_per_s},
           {"grant_p50_us", bench::PercentileUs(tailed.grants, 50)},
           {"grant_p99_us", bench::PercentileUs(tailed.grants, 99)},
           {"withdrawals_per_s", tailed.withdrawals_per_s},
           {"withdraw_p50_us", bench::PercentileUs(tailed.withdrawals, 50)},
           {"withdraw_p99_us", bench::PercentileUs(tailed.withdrawals, 99)},
           {"without_tail_grants_per_s", naive.grants_per_s},
           {"without_tail_withdrawals_per_s", naive.withdrawals_per_s},
           {"ratio_grants", tailed.grants_per_s / naive.grants_per_s},
           {"ratio_withdrawals",
            tailed.withdrawals_per_s / naive.withdrawals_per_s}}};
}

// One person at a time, and many.
void AddWatchCases(bench::Report& report) {
  const limpid::testing::TempDir directory;
  bench::WatchLatency watch(directory.path() / "limpid");
  for (const int persons : {1, 16, 64}) {
    report.cases.push_back(watch.Run(persons));
  }
  report.probes.push_back({"echo_rps", watch.echo_rps()});
}

absl::Status Run(bench::Arguments& arguments) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  const limpid::testing::TempDir directory;
  bench::Report report;
  report.bench = "consent";
  report.probes = {bench::ProbeFsync(directory.path()), bench::ProbeSha256()};
  report.cases.push_back(DecisionCase());
  for (const int threads : {1, 32, kThreads}) {
    report.cases.push_back(ActCase(threads));
  }
  AddWatchCases(report);
  return bench::Finish(report, arguments);
}

}  // namespace
}  // namespace limpid::consent

int main(int argc, char** argv) {
  return limpid::bench::Main(argc, argv, limpid::consent::Run);
}

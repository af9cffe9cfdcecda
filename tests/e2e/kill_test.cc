// Kills the shipped server under load, again and again: nothing that was
// acknowledged is lost, nothing that was withdrawn comes back, and the logs
// audit clean. LIMPID_KILL_ROUNDS says how often (50 when absent).

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/tls13.h"
#include "common/tlog/auditor.h"
#include "common/tlog/policy.h"
#include "gtest/gtest.h"
#include "tests/e2e/shipped_world.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/world.h"

namespace limpid {
namespace {

using testing::IsOk;

constexpr int kPersons = 4;
constexpr absl::Duration kReachPatience = absl::Seconds(20);
constexpr int kLoggedTries = 200;
constexpr char kAttribute[] = "household.size";
constexpr char kPurpose[] = "https://w3id.org/dpv#ServiceProvision";

int Rounds() {
  const char* const text = std::getenv("LIMPID_KILL_ROUNDS");
  int rounds = 50;
  if (text != nullptr) (void)absl::SimpleAtoi(text, &rounds);
  return rounds;
}

// What the server acknowledged to one person; only her thread writes it.
struct Acknowledged {
  std::uint64_t version = 0;
  std::string value;
  std::uint64_t put_count = 0;
  // Record to the last act that was answered.
  std::map<std::string, consent::v1::RecordState> records;
  // Records with an act under way when the server died: either is right.
  std::string unsure;
  std::vector<std::string> accesses;
};

class KillTest : public ::testing::Test {
 protected:
  KillTest()
      : world_(directory_.path() / "limpid",
               testing::Binary(testing::ShippedBinary("limpidd"),
                               directory_.path() / "server.log")) {
    plan_.purpose = kPurpose;
    plan_.attributes = {kAttribute};
    service_ = world_.AddService("service", plan_);
    agreement_ = world_.AddAgreement(service_, plan_);
    for (int i = 0; i < kPersons; ++i) {
      persons_.push_back(world_.AddPerson());
    }
    acknowledged_.resize(kPersons);
  }

  // Puts, grants, reads and withdraws until the server is gone.
  void Load(testing::Person& person, Acknowledged& known) {
    while (!stop_) {
      const std::string value = absl::StrCat(1 + known.put_count % 50);
      const auto put = person.vault().Put(kAttribute, value);
      if (!put.ok()) return;
      known.version = put->version();
      known.value = value;
      ++known.put_count;
      if (!LiveOnce(person, known)) return;
    }
  }

  bool LiveOnce(testing::Person& person, Acknowledged& known) {
    const auto request = service_.client->CreateRequest(agreement_, 1);
    if (!request.ok()) return false;
    const auto bound = person.consent().BindRequest(request->request_code());
    if (!bound.ok()) return false;
    const std::string record = bound->record().record_id();
    known.records[record] = consent::v1::RECORD_STATE_REQUESTED;
    known.unsure = record;
    if (!person.consent().Grant(record, {{kAttribute}, "", {}}).ok()) {
      return false;
    }
    known.records[record] = consent::v1::RECORD_STATE_GRANTED;
    const auto read = Read(record);
    if (!read.ok()) return false;
    EXPECT_EQ(read->results(0).verdict(), vault::v1::VERDICT_ALLOWED);
    known.accesses.push_back(read->access_id());
    // Every other record stays granted.
    if (known.records.size() % 2 == 0) {
      if (!person.consent().Withdraw(record).ok()) return false;
      known.records[record] = consent::v1::RECORD_STATE_WITHDRAWN;
    }
    known.unsure.clear();
    return true;
  }

  absl::StatusOr<vault::v1::ReadAttributesResponse> Read(
      const std::string& record) {
    return service_.client->Read({record, kPurpose, {kAttribute}, "", ""});
  }

  void RunUntilKilled(absl::Duration after) {
    stop_ = false;
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < persons_.size(); ++i) {
      threads.emplace_back([this, i] { Load(*persons_[i], acknowledged_[i]); });
    }
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(after));
    world_.Kill();
    stop_ = true;
    for (std::thread& thread : threads) thread.join();
  }

  // Channels that saw the server go look for it again a little later.
  void WaitUntilReached() {
    for (const auto& person : persons_) {
      absl::Status reached;
      const absl::Time until = absl::Now() + kReachPatience;
      while (absl::Now() < until) {
        reached = person->vault().List().status();
        if (reached.ok()) reached = person->consent().GetAccount().status();
        if (reached.ok()) reached = service_.client->ListAgreements().status();
        if (!absl::IsUnavailable(reached)) break;
        absl::SleepFor(absl::Milliseconds(50));
      }
      ASSERT_THAT(reached, IsOk());
    }
  }

  void CheckPerson(testing::Person& person, Acknowledged& known) {
    CheckVault(person, known);
    CheckRecords(person, known);
    CheckAccesses(person, known);
  }

  static void CheckVault(testing::Person& person, const Acknowledged& known) {
    if (known.version == 0) return;
    const auto newest = person.vault().Get(kAttribute, 0);
    ASSERT_THAT(newest, IsOk());
    EXPECT_GE(newest->version().version(), known.version);
    const auto acknowledged = person.vault().Get(kAttribute, known.version);
    ASSERT_THAT(acknowledged, IsOk());
    EXPECT_EQ(acknowledged->value_json(), known.value);
  }

  void CheckRecords(testing::Person& person, Acknowledged& known) {
    const auto records = person.consent().ListRecords();
    ASSERT_THAT(records, IsOk());
    std::map<std::string, consent::v1::RecordState> stored;
    for (const auto& record : *records) {
      stored[record.record_id()] = record.state();
    }
    for (auto& [id, state] : known.records) {
      ASSERT_TRUE(stored.contains(id)) << "a record is lost";
      if (id == known.unsure) {
        // It may have gone one act further, never back.
        EXPECT_GE(stored[id], state);
        state = stored[id];
      }
      EXPECT_EQ(stored[id], state);
    }
    known.unsure.clear();
    CheckOneRead(known);
  }

  // One withdrawn and one granted record a round: all would cost minutes.
  void CheckOneRead(const Acknowledged& known) {
    for (const auto state : {consent::v1::RECORD_STATE_WITHDRAWN,
                             consent::v1::RECORD_STATE_GRANTED}) {
      for (const auto& [id, at] : known.records) {
        if (at != state) continue;
        const auto read = Read(id);
        ASSERT_THAT(read, IsOk());
        EXPECT_EQ(read->results(0).verdict() == vault::v1::VERDICT_ALLOWED,
                  state == consent::v1::RECORD_STATE_GRANTED);
        break;
      }
    }
  }

  static void CheckAccesses(testing::Person& person,
                            const Acknowledged& known) {
    if (known.accesses.empty()) return;
    const auto receipt = person.consent().GetReceipt(known.accesses.back());
    EXPECT_THAT(receipt, IsOk()) << "an acknowledged access is lost";
  }

  void CheckWholeChain(testing::Person& person, const Acknowledged& known) {
    const auto entries = person.consent().ListAccesses("", 100'000);
    ASSERT_THAT(entries, IsOk());
    std::map<std::string, bool> seen;
    for (std::size_t i = 0; i < entries->size(); ++i) {
      seen[(*entries)[i].access_id()] = true;
      if (i == 0) continue;
      EXPECT_LT((*entries)[i].sequence(), (*entries)[i - 1].sequence());
    }
    for (const std::string& access : known.accesses) {
      EXPECT_TRUE(seen.contains(access)) << "an acknowledged access is lost";
    }
  }

  // What was promised to be logged is, kill after kill.
  static void WaitUntilLogged(testing::Person& person,
                              const Acknowledged& known) {
    if (known.accesses.empty()) return;
    receipt::Level level = receipt::Level::kDurable;
    for (int i = 0; i < kLoggedTries && level != receipt::Level::kLogged; ++i) {
      absl::SleepFor(absl::Milliseconds(100));
      const auto receipt = person.consent().GetReceipt(known.accesses.back());
      ASSERT_THAT(receipt, IsOk());
      level = receipt->verified.level;
    }
    EXPECT_EQ(level, receipt::Level::kLogged);
  }

  void CheckLog(const std::string& role) {
    tlog::DirectoryFetcher fetcher(directory_.path() / "limpid" / "data" /
                                   role / "log");
    const auto policy = world_.trust().LogPolicy(
        "/" + (role == "consent" ? std::string("access") : role));
    ASSERT_THAT(policy, IsOk());
    const tlog::AuditReport report = tlog::Audit(fetcher, {*policy});
    EXPECT_EQ(report.outcome, tlog::AuditOutcome::kPassed)
        << role << ": " << report.message << " " << report.where;
    EXPECT_GT(report.entry_count, 0U);
  }

  testing::TempDir directory_;
  testing::AgreementPlan plan_;
  testing::World world_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::vector<std::unique_ptr<testing::Person>> persons_;
  std::vector<Acknowledged> acknowledged_;
  std::atomic<bool> stop_ = false;
};

TEST_F(KillTest, LosesNothingAcknowledgedAndRevivesNothingWithdrawn) {
  const auto seed = std::random_device()();
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> millis(50, 500);
  for (int round = 0; round < Rounds() && !HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round, ", seed ", seed));
    RunUntilKilled(absl::Milliseconds(millis(random)));
    world_.StartAgain();
    WaitUntilReached();
    for (std::size_t i = 0; i < persons_.size(); ++i) {
      CheckPerson(*persons_[i], acknowledged_[i]);
    }
  }
  std::uint64_t puts = 0;
  std::size_t records = 0;
  for (std::size_t i = 0; i < persons_.size(); ++i) {
    CheckWholeChain(*persons_[i], acknowledged_[i]);
    WaitUntilLogged(*persons_[i], acknowledged_[i]);
    puts += acknowledged_[i].put_count;
    records += acknowledged_[i].records.size();
  }
  CheckLog("consent");
  CheckLog("vault");
  // A load that did nothing would prove nothing.
  EXPECT_GT(puts, static_cast<std::uint64_t>(Rounds()));
  EXPECT_GT(records, static_cast<std::size_t>(Rounds()));
}

}  // namespace
}  // namespace limpid

int main(int argc, char** argv) {
  limpid::rpc::RequireTls13();
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}

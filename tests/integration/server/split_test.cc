// Consent and vault in two servers: the main path, what a lost consent means,
// and the claim of consent.md section 4 over one stream.

#include "tests/testing/world/split.h"

#include <atomic>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"
#include "common/receipt/permit.h"
#include "common/rpc/runtime.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "limpid/consent/v1/decision_service.pb.h"
#include "server/adapters/remote_consent_gate.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid {
namespace {

using testing::IsOk;
using testing::StatusIs;

constexpr char kName[] = "person.name";

class SplitTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  void SetUp() override {
    plan_.attributes = {kName};
    service_ = split_.consent().AddService("cinema", plan_);
    agreement_ = split_.consent().AddAgreement(service_, plan_);
    anna_ = split_.AddPerson();
    ASSERT_THAT(anna_->vault().Put(kName, R"({"family":"J","given":"A"})"),
                IsOk());
    at_vault_ = split_.ConnectToVault(service_);
  }

  std::string Granted() {
    return split_.consent().Grant(service_, agreement_, *anna_);
  }
  absl::StatusOr<vault::v1::ReadAttributesResponse> Read(
      const std::string& record) {
    return client::ServiceClient(*at_vault_, clock_)
        .Read({record, plan_.purpose, {kName}, "", ""});
  }
  // Whether the name came; false as well for a refusal.
  bool Got(const std::string& record) {
    const auto read = Read(record);
    return read.ok() && read->results_size() == 1 &&
           read->results(0).verdict() == vault::v1::VERDICT_ALLOWED;
  }
  // The stream comes up by itself; how long it may take.
  bool ComesBack(const std::string& record) {
    for (int tries = 0; tries < 100; ++tries) {
      if (Got(record)) return true;
      absl::SleepFor(absl::Milliseconds(100));
    }
    return false;
  }

  testing::TempDir directory_;
  base::SystemClock clock_;
  testing::SplitWorld split_{directory_.path() / "split", testing::InProcess(),
                             testing::InProcess()};
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::unique_ptr<testing::Person> anna_;
  std::unique_ptr<client::Connection> at_vault_;
};

TEST_F(SplitTest, ReadWithdrawRead) {
  const std::string record = Granted();
  ASSERT_TRUE(ComesBack(record));
  const auto read = Read(record);
  ASSERT_THAT(read, IsOk());
  const auto receipt = anna_->consent().GetReceipt(read->access_id());
  EXPECT_THAT(receipt, IsOk());
  ASSERT_THAT(anna_->consent().Withdraw(record), IsOk());
  const auto after = Read(record);
  ASSERT_THAT(after, IsOk());
  EXPECT_EQ(after->results(0).verdict(), vault::v1::VERDICT_REFUSED);
  EXPECT_EQ(after->results(0).reason(), vault::v1::REASON_WITHDRAWN);
}

// The permit brings the days along; nothing else between the two knows them.
TEST_F(SplitTest, DaysOfTheDataCrossBothServers) {
  auto request = testing::World::AgreementRequest(service_, plan_);
  request.mutable_content()->mutable_data_range()->set_from_date("2024-01-01");
  request.mutable_content()->mutable_data_range()->set_to_date("2024-12-31");
  const auto limited = split_.consent().admin().CreateAgreement(request);
  ASSERT_THAT(limited, IsOk());
  ASSERT_TRUE(ComesBack(Granted()));
  const std::string record =
      split_.consent().Grant(service_, limited->agreement_id(), *anna_);
  const auto outside = Read(record);
  ASSERT_THAT(outside, IsOk());
  EXPECT_EQ(outside->results(0).reason(), vault::v1::REASON_NO_VALUE);
  vault::v1::About about;
  about.set_from_date("2024-05-01");
  about.set_to_date("2024-05-31");
  ASSERT_THAT(
      anna_->vault().Put(kName, R"({"family":"May","given":"A"})", about),
      IsOk());
  ASSERT_THAT(anna_->vault().Put(kName, R"({"family":"Now","given":"A"})"),
              IsOk());
  const auto inside = Read(record);
  ASSERT_THAT(inside, IsOk());
  EXPECT_EQ(inside->results(0).value_json(), R"({"family":"May","given":"A"})");
}

TEST_F(SplitTest, WithoutConsentNothingIsReleased) {
  const std::string record = Granted();
  ASSERT_TRUE(ComesBack(record));
  split_.consent().Stop();
  EXPECT_THAT(Read(record), StatusIs(absl::StatusCode::kUnavailable));
  split_.consent().StartAgain();
  EXPECT_TRUE(ComesBack(record));
}

// Of what the consent before it permitted it knows nothing.
TEST_F(SplitTest, AWithdrawalAfterARestartWaitsForLeasesOfBefore) {
  const std::string record = Granted();
  ASSERT_TRUE(ComesBack(record));
  const absl::Duration stopped = clock_.Monotonic();
  split_.consent().Restart();
  ASSERT_THAT(anna_->consent().Withdraw(record), IsOk());
  EXPECT_GE(clock_.Monotonic() - stopped, receipt::kMaxLease);
}

// Other certificates of the same CA ask in vain.
TEST_F(SplitTest, OnlyARegisteredSourceMayAsk) {
  const auto connection = client::Connect(service_.channel);
  ASSERT_THAT(connection, IsOk());
  constexpr client::Method kAuthorize = {
      "/limpid.consent.v1.DecisionService/Authorize"};
  consent::v1::AuthorizeRequest request;
  EXPECT_THAT(client::Invoke<consent::v1::AuthorizeResponse>(
                  **connection, kAuthorize, request),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(SplitTest, ABadQuestionNamesItsField) {
  const auto connection = client::Connect(split_.SourceChannel());
  ASSERT_THAT(connection, IsOk());
  constexpr client::Method kAuthorize = {
      "/limpid.consent.v1.DecisionService/Authorize"};
  consent::v1::AuthorizeRequest request;
  const auto refused = [&] {
    const auto answer = client::Invoke<consent::v1::AuthorizeResponse>(
        **connection, kAuthorize, request);
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument));
    return std::string(answer.status().message());
  };
  EXPECT_NE(refused().find("service_spki_thumbprint"), std::string::npos);
  request.set_service_spki_thumbprint(std::string(32, 'k'));
  EXPECT_NE(refused().find("source_nonce"), std::string::npos);
  request.set_source_nonce(std::string(16, 'n'));
  EXPECT_NE(refused().find("request_hash"), std::string::npos);
  request.set_service_proof("e30.e30.e30");
  EXPECT_NE(refused().find("service_proof"), std::string::npos);
}

// Who may be counted comes over a call of its own, and is counted there.
TEST_F(SplitTest, AStatisticCrossesBothServers) {
  testing::AgreementPlan plan;
  plan.purpose = "https://w3id.org/dpv#ProvideOfficialStatistics";
  plan.counted = {"household.size"};
  auto bureau = split_.consent().AddService("bureau", plan);
  const std::string agreement = split_.consent().AddAgreement(bureau, plan);
  ASSERT_THAT(anna_->vault().Put("household.size", "2"), IsOk());
  (void)split_.consent().Grant(bureau, agreement, *anna_);
  const auto at_vault = split_.ConnectToVault(bureau);
  client::ServiceClient service(*at_vault, clock_);
  vault::v1::AggregateRequest question;
  question.set_agreement_id(agreement);
  question.set_purpose_iri(plan.purpose);
  question.set_attribute("household.size");
  question.set_function(vault::v1::STATISTIC_FUNCTION_COUNT);
  const auto answer = service.Aggregate(question);
  ASSERT_THAT(answer, IsOk());
  const auto seen = anna_->consent().ListAccesses("", 10);
  ASSERT_THAT(seen, IsOk());
  EXPECT_EQ(seen->front().kind(), consent::v1::ACCESS_KIND_COUNTED);
  // What is kept is not given without consent either.
  split_.consent().Stop();
  EXPECT_THAT(service.Aggregate(question),
              StatusIs(absl::StatusCode::kUnavailable));
  split_.consent().StartAgain();
}

TEST_F(SplitTest, OnlyARegisteredSourceHearsWhoMayBeCounted) {
  const auto connection = client::Connect(service_.channel);
  ASSERT_THAT(connection, IsOk());
  constexpr client::Method kAuthorize = {
      "/limpid.consent.v1.DecisionService/AuthorizeCohort"};
  consent::v1::AuthorizeCohortRequest request;
  EXPECT_THAT(client::Invoke<consent::v1::AuthorizeCohortResponse>(
                  **connection, kAuthorize, request),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

// The gate alone, so that many questions are under way in one stream.
class SplitGate : public SplitTest {
 protected:
  void SetUp() override {
    SplitTest::SetUp();
    gate_ = *server::RemoteConsentGate::Make(split_.SourceChannel(), clock_);
    thumbprint_ = *crypto::SpkiThumbprint(service_.channel.certificate_pem);
    for (int tries = 0; tries < 100 && !gate_->connected(); ++tries) {
      absl::SleepFor(absl::Milliseconds(50));
    }
    ASSERT_TRUE(gate_->connected());
  }

  absl::StatusOr<vault::Decision> Ask(const std::string& record) {
    vault::ReleaseRequest request;
    request.caller_thumbprint = thumbprint_;
    request.fields.record = record;
    request.fields.purpose = plan_.purpose;
    request.fields.attributes = {kName};
    request.request_hash = receipt::ReleaseRequestHash(request.fields);
    request.vault_nonce = crypto::RandomArray<16>();
    using Answer = std::unique_ptr<absl::StatusOr<vault::Decision>>;
    // Shared: the answer's thread may still be in it when this one goes on.
    auto answer = std::make_shared<std::promise<Answer>>();
    auto answered = answer->get_future();
    gate_->Authorize(
        std::move(request), [answer](absl::StatusOr<vault::Decision> decision) {
          answer->set_value(std::make_unique<absl::StatusOr<vault::Decision>>(
              std::move(decision)));
        });
    return std::move(*answered.get());
  }

  // One record under fire. `ended` is set after the ending call returned.
  struct Target {
    std::string record;
    std::atomic<bool> ended = false;
    std::atomic<int> stale = 0;
    std::atomic<int> sent = 0;
  };
  // Reads until it is refused.
  void ReadOn(Target& target) {
    for (bool refused = false; !refused;) {
      auto decision = Ask(target.record);
      // A fence that met the answer on its way.
      if (!decision.ok()) continue;
      refused = !decision->permit.has_value();
      if (refused) continue;
      (void)decision->permit->HandOverIfLive([&target] {
        ++target.sent;
        if (target.ended) ++target.stale;
      });
      decision->permit->Close(vault::Closing::kSent);
    }
  }

  // What the person is shown of an access once it is no longer pending.
  consent::v1::AccessOutcome OutcomeOf(const std::string& access) {
    for (int tries = 0; tries < 150; ++tries) {
      const auto entries = anna_->consent().ListAccesses("", 100);
      EXPECT_THAT(entries, IsOk());
      for (const auto& entry : *entries) {
        if (entry.access_id() == access &&
            entry.outcome() != consent::v1::ACCESS_OUTCOME_PENDING) {
          return entry.outcome();
        }
      }
      absl::SleepFor(absl::Milliseconds(100));
    }
    return consent::v1::ACCESS_OUTCOME_PENDING;
  }
  // Says it outside of the stream, with the certificate of `channel`.
  absl::Status Say(const rpc::ChannelOptions& channel,
                   const std::string& access,
                   consent::v1::AccessOutcome outcome) {
    const auto connection = client::Connect(channel);
    EXPECT_THAT(connection, IsOk());
    constexpr client::Method kClose = {
        "/limpid.consent.v1.DecisionService/ClosePermit"};
    consent::v1::ClosePermitRequest request;
    request.set_access_id(access);
    request.set_sent(true);
    request.set_outcome(outcome);
    return client::Invoke<consent::v1::ClosePermitResponse>(**connection,
                                                            kClose, request)
        .status();
  }

  base::Digest32 thumbprint_{};
  std::unique_ptr<server::RemoteConsentGate> gate_;
};

TEST_F(SplitGate, TheWordOfTheSourceReachesThePersonOnce) {
  auto decision = Ask(Granted());
  ASSERT_THAT(decision, IsOk());
  ASSERT_TRUE(decision->permit->HandOverIfLive([] {}));
  // Nobody else can say it, and nobody what it cannot be.
  EXPECT_THAT(Say(service_.channel, decision->access_id,
                  consent::v1::ACCESS_OUTCOME_RELEASED),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Say(split_.SourceChannel(), decision->access_id,
                  consent::v1::ACCESS_OUTCOME_UNFINISHED),
              StatusIs(absl::StatusCode::kInvalidArgument));
  decision->permit->Close(vault::Closing::kPartial);
  EXPECT_EQ(OutcomeOf(decision->access_id),
            consent::v1::ACCESS_OUTCOME_PARTIAL);
  EXPECT_THAT(Say(split_.SourceChannel(), decision->access_id,
                  consent::v1::ACCESS_OUTCOME_RELEASED),
              IsOk());
  absl::SleepFor(absl::Seconds(4));
  EXPECT_EQ(OutcomeOf(decision->access_id),
            consent::v1::ACCESS_OUTCOME_PARTIAL);
}

// The vault is gone between the permit and its word.
TEST_F(SplitGate, AnAccessThatNobodyCompletesIsUnfinished) {
  std::string access;
  {
    auto decision = Ask(Granted());
    ASSERT_THAT(decision, IsOk());
    ASSERT_TRUE(decision->permit->HandOverIfLive([] {}));
    access = decision->access_id;
    gate_->Stop();
  }
  EXPECT_EQ(OutcomeOf(access), consent::v1::ACCESS_OUTCOME_UNFINISHED);
}

TEST_F(SplitGate, NothingIsHandedOverAfterWithdrawReturned) {
  constexpr int kRecords = 12;
  constexpr int kReaders = 6;
  int handed_over = 0;
  for (int round = 0; round < kRecords; ++round) {
    Target target{Granted()};
    std::vector<std::thread> readers;
    for (int i = 0; i < kReaders; ++i) {
      readers.emplace_back([&] { ReadOn(target); });
    }
    while (target.sent < kReaders) std::this_thread::yield();
    EXPECT_THAT(anna_->consent().Withdraw(target.record), IsOk());
    target.ended = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(target.stale, 0);
    handed_over += target.sent;
  }
  EXPECT_GE(handed_over, kRecords * kReaders);
}

// A permit that is out and never closed: withdrawing waits for its lease, and
// the fence kills it long before.
TEST_F(SplitGate, WithdrawWaitsForAPermitThatNobodyCloses) {
  const std::string record = Granted();
  auto decision = Ask(record);
  ASSERT_THAT(decision, IsOk());
  ASSERT_TRUE(decision->permit.has_value());
  const absl::Time began = absl::Now();
  ASSERT_THAT(anna_->consent().Withdraw(record), IsOk());
  const absl::Duration took = absl::Now() - began;
  EXPECT_GE(took, absl::Seconds(1));
  EXPECT_LT(took, absl::Seconds(4));
  EXPECT_FALSE(decision->permit->HandOverIfLive([] {}));
}

// One service with many accounts of its own: it takes no byte of what it reads,
// and pauses. No worker is there to wait for it.
TEST_F(SplitGate, AWithdrawalDoesNotWaitForTheFencesOfOthers) {
  const auto count =
      static_cast<std::size_t>(rpc::RuntimeOptions().worker_count);
  const std::string record = Granted();
  std::vector<std::unique_ptr<testing::Person>> others;
  std::vector<std::string> records;
  for (std::size_t i = 0; i < count; ++i) {
    others.push_back(split_.AddPerson());
    records.push_back(
        split_.consent().Grant(service_, agreement_, *others.back()));
  }
  // Whatever a start of consent waits for is over.
  absl::SleepFor(receipt::kMaxLease);
  std::vector<vault::Decision> stalled;
  for (const std::string& one : records) {
    auto decision = Ask(one);
    ASSERT_THAT(decision, IsOk());
    ASSERT_TRUE(decision->permit.has_value());
    ASSERT_TRUE(decision->permit->HandOverIfLive([] {}));
    stalled.push_back(*std::move(decision));
  }
  const absl::Time began = absl::Now();
  std::vector<std::thread> pauses;
  std::atomic<int> early = 0;
  std::atomic<int> over = 0;
  for (std::size_t i = 0; i < count; ++i) {
    pauses.emplace_back([&, i] {
      EXPECT_THAT(others[i]->consent().Pause(records[i]), IsOk());
      ++over;
      if (absl::Now() - began < absl::Seconds(1)) ++early;
    });
  }
  absl::SleepFor(absl::Milliseconds(300));
  EXPECT_THAT(anna_->consent().Withdraw(record), IsOk());
  EXPECT_EQ(over, 0);
  for (std::thread& pause : pauses) pause.join();
  // They were answered when their leases were over, and no sooner.
  EXPECT_EQ(early, 0);
}

// A certificate of the same CA that is no source's: the stream is refused, and
// what is asked meanwhile too.
TEST_F(SplitGate, AnotherCertificateGetsNoStream) {
  gate_ = *server::RemoteConsentGate::Make(service_.channel, clock_);
  const std::string record = Granted();
  for (int tries = 0; tries < 20; ++tries) {
    EXPECT_FALSE(Ask(record).ok());
    absl::SleepFor(absl::Milliseconds(20));
  }
}

TEST_F(SplitGate, AfterStopEverythingIsRefused) {
  const std::string record = Granted();
  gate_->Stop();
  EXPECT_THAT(Ask(record), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(SplitGate, ALostStreamKillsWhatIsOut) {
  const std::string record = Granted();
  auto decision = Ask(record);
  ASSERT_THAT(decision, IsOk());
  split_.consent().Stop();
  for (int tries = 0; tries < 100 && gate_->connected(); ++tries) {
    absl::SleepFor(absl::Milliseconds(50));
  }
  EXPECT_FALSE(decision->permit->HandOverIfLive([] {}));
  EXPECT_THAT(Ask(record), StatusIs(absl::StatusCode::kUnavailable));
  split_.consent().StartAgain();
}

}  // namespace
}  // namespace limpid

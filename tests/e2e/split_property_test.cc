// The claim of consent.md section 4 as a property, over two processes: consent
// is the shipped server, the vault's gate is here, one stream is between them.
// stale_allow_game.h

#include <array>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"
#include "common/rpc/tls13.h"
#include "gtest/gtest.h"
#include "server/adapters/remote_consent_gate.h"
#include "tests/e2e/shipped_world.h"
#include "tests/testing/shared.h"
#include "tests/testing/stale_allow_game.h"
#include "tests/testing/status_matchers.h"
#include "tests/testing/world/split.h"

namespace limpid {
namespace {

using testing::Cheat;
using testing::GrantedRecord;
using testing::HeldPermit;
using testing::StaleAllowGame;

constexpr char kName[] = "person.name";

class RemotePermit final : public HeldPermit {
 public:
  explicit RemotePermit(vault::ReleasePermit permit)
      : permit_(std::move(permit)) {}
  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    return permit_.HandOverIfLive(hand_over);
  }
  void Close() override { permit_.Close(vault::Closing::kSent); }

 private:
  vault::ReleasePermit permit_;
};

class TwoProcesses final : public testing::Stage {
 public:
  explicit TwoProcesses(testing::SplitWorld& split) : split_(split) {
    plan_.attributes = {kName};
    service_ = split_.consent().AddService("cinema", plan_);
    agreement_ = split_.consent().AddAgreement(service_, plan_);
    testing::AgreementPlan once = plan_;
    once.use_count_max = 1;
    one_time_ = split_.consent().AddAgreement(service_, once);
    thumbprint_ = *crypto::SpkiThumbprint(service_.channel.certificate_pem);
    gate_ = *server::RemoteConsentGate::Make(split_.SourceChannel(), clock_);
    while (!gate_->connected()) absl::SleepFor(absl::Milliseconds(20));
  }

  void Replace(std::size_t slot) override {
    persons_.at(slot) = split_.AddPerson();
    // Links her to the vault: without that nothing could be released.
    EXPECT_THAT(
        persons_[slot]->vault().Put(kName, R"({"family":"J","given":"A"})"),
        testing::IsOk());
  }
  GrantedRecord Grant(std::size_t slot, bool one_time) override {
    return {split_.consent().Grant(service_, one_time ? one_time_ : agreement_,
                                   *persons_.at(slot)),
            absl::InfiniteFuture()};
  }
  absl::Status Withdraw(std::size_t slot, const std::string& record) override {
    return persons_.at(slot)->consent().Withdraw(record).status();
  }
  absl::Status Pause(std::size_t slot, const std::string& record) override {
    return persons_.at(slot)->consent().Pause(record).status();
  }
  absl::Status Resume(std::size_t slot, const std::string& record) override {
    return persons_.at(slot)->consent().Resume(record).status();
  }
  std::unique_ptr<HeldPermit> Read(const std::string& record) override {
    vault::ReleaseRequest request;
    request.caller_thumbprint = thumbprint_;
    request.fields.record = record;
    request.fields.purpose = plan_.purpose;
    request.fields.attributes = {kName};
    request.request_hash = receipt::ReleaseRequestHash(request.fields);
    request.vault_nonce = crypto::RandomArray<16>();
    // Shared: the answer's thread may still be in it when this one goes on.
    auto answer = std::make_shared<std::promise<std::unique_ptr<HeldPermit>>>();
    auto answered = answer->get_future();
    gate_->Authorize(
        std::move(request), [answer](absl::StatusOr<vault::Decision> decision) {
          std::unique_ptr<HeldPermit> out;
          if (decision.ok() && decision->permit.has_value()) {
            out = std::make_unique<RemotePermit>(*std::move(decision->permit));
          }
          answer->set_value(std::move(out));
        });
    return answered.get();
  }
  [[nodiscard]] absl::Time Now() const override { return clock_.Now(); }

 private:
  testing::SplitWorld& split_;
  base::SystemClock clock_;
  testing::AgreementPlan plan_;
  testing::ServiceSide service_;
  std::string agreement_;
  std::string one_time_;
  base::Digest32 thumbprint_{};
  std::array<std::unique_ptr<testing::Person>, kSlots> persons_;
  std::unique_ptr<server::RemoteConsentGate> gate_;
};

class SplitStaleAllowProperty : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { rpc::RequireTls13(); }

  testing::TempDir directory_;
  testing::SplitWorld split_{directory_.path() / "split",
                             testing::Binary(testing::ShippedBinary("limpidd"),
                                             directory_.path() / "limpidd.log"),
                             testing::InProcess()};
  TwoProcesses stage_{split_};
};

TEST_F(SplitStaleAllowProperty, NoneInFiveThousandOperations) {
  StaleAllowGame game(stage_, Cheat::kNone, 5'000);
  game.Play();
  EXPECT_EQ(game.stale(), 0);
  EXPECT_GT(game.handed_over(), 100);
}

// Ignoring fences is not enough here: withdrawing waits until the source is
// done with its permits.
TEST_F(SplitStaleAllowProperty, TheJudgeFindsAReaderThatClosesFirst) {
  StaleAllowGame game(stage_, Cheat::kClosesFirst, 5'000);
  game.Play();
  EXPECT_GT(game.stale(), 0);
}

TEST_F(SplitStaleAllowProperty, TheJudgeFindsAReaderThatHandsOverTwice) {
  StaleAllowGame game(stage_, Cheat::kHandsOverTwice, 5'000);
  game.Play();
  EXPECT_GT(game.stale(), 0);
}

// ./dev test -L long
TEST_F(SplitStaleAllowProperty, DISABLED_NoneInAMillionOperations) {
  StaleAllowGame game(stage_, Cheat::kNone, 1'000'000);
  game.Play();
  EXPECT_EQ(game.stale(), 0);
}

}  // namespace
}  // namespace limpid

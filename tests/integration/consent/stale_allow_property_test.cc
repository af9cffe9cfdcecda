// The claim of consent.md section 4 as a property, in one process:
// stale_allow_game.h.

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/receipt/delegation.h"
#include "consent/delegation/delegation_desk.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/stale_allow_game.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::Cheat;
using limpid::testing::GrantedRecord;
using limpid::testing::HeldPermit;
using limpid::testing::StaleAllowGame;
using testing::Citizen;
using testing::World;

class LocalPermit final : public HeldPermit {
 public:
  explicit LocalPermit(std::unique_ptr<OpenPermit> permit)
      : permit_(std::move(permit)) {}
  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    return permit_->HandOverIfLive(hand_over);
  }
  void Close() override { permit_->Close(); }

 private:
  std::unique_ptr<OpenPermit> permit_;
};

class OneProcess final : public limpid::testing::Stage {
 public:
  explicit OneProcess(World& world) : world_(world) {
    AgreementContent content = testing::CareContent();
    content.use_count_max = 1;
    one_time_ = world_.Publish(content);
  }

  void Replace(std::size_t slot) override { citizens_.at(slot) = NewCitizen(); }
  GrantedRecord Grant(std::size_t slot, bool one_time) override {
    // The world's counters are one test's.
    const base::MutexLock lock(mutex_);
    const RecordView record = world_.Granted(
        *citizens_.at(slot), one_time ? one_time_ : world_.agreement());
    return {record.revision.record.Text(), record.revision.until};
  }
  std::vector<GrantedRecord> GrantDelegated(std::size_t slot) override {
    constexpr int kRecords = 3;
    delegations_.at(slot) = Delegate(slot);
    std::vector<GrantedRecord> out;
    for (int i = 0; i < kRecords; ++i) out.push_back(GrantByDelegate(slot));
    return out;
  }
  absl::Status EndDelegation(std::size_t slot) override {
    return DelegationDesk(world_.consent())
        .EndDelegation(PersonAt(slot), delegations_.at(slot))
        .status();
  }
  absl::Status Withdraw(std::size_t slot, const std::string& record) override {
    return world_.consent().Withdraw(PersonAt(slot), IdOf(record)).status();
  }
  absl::Status Pause(std::size_t slot, const std::string& record) override {
    return world_.consent().Pause(PersonAt(slot), IdOf(record)).status();
  }
  absl::Status Resume(std::size_t slot, const std::string& record) override {
    return world_.consent().Resume(PersonAt(slot), IdOf(record)).status();
  }
  std::unique_ptr<HeldPermit> Read(const std::string& record) override {
    auto answer = world_.Read(IdOf(record));
    if (!answer.ok() || !answer->release.has_value()) return nullptr;
    return std::make_unique<LocalPermit>(std::move(answer->release->hold));
  }
  [[nodiscard]] absl::Time Now() const override { return world_.clock().Now(); }

 private:
  static RecordId IdOf(const std::string& text) {
    return *RecordId::Parse(text);
  }
  [[nodiscard]] PersonId PersonAt(std::size_t slot) const {
    return citizens_.at(slot)->id;
  }
  std::unique_ptr<Citizen> NewCitizen() {
    Citizen out{crypto::Ed25519PrivateKey::Generate(), {}};
    out.id = world_.consent().CreateAccount(out.key.PublicKey())->person;
    return std::make_unique<Citizen>(std::move(out));
  }
  // The slot's person lets one who acts for all of them grant.
  DelegationId Delegate(std::size_t slot) {
    const base::MutexLock lock(mutex_);
    if (delegate_ == nullptr) delegate_ = NewCitizen();
    receipt::Delegation terms;
    terms.operator_name = "limpid.example";
    terms.person = PersonAt(slot).Text();
    terms.kind = receipt::DelegationKind::kPowerOfAttorney;
    terms.representatives = {delegate_->id.Text()};
    terms.signature_count = 1;
    terms.powers = {receipt::Power::kGrant, receipt::Power::kReadLog,
                    receipt::Power::kReadRecords, receipt::Power::kWithdraw};
    terms.from = world_.clock().Now();
    terms.until = terms.from + absl::Hours(24 * 365);
    terms.time = terms.from;
    crypto::FillRandom(terms.nonce);
    return DelegationDesk(world_.consent())
        .MakeDelegation(PersonAt(slot),
                        receipt::SignDelegation(terms, citizens_.at(slot)->key))
        .value()
        .id;
  }
  GrantedRecord GrantByDelegate(std::size_t slot) {
    const base::MutexLock lock(mutex_);
    const RecordView asked = world_.Request(*citizens_.at(slot));
    receipt::Statement statement = testing::StatementFor(
        asked.revision, *asked.agreement, world_.clock().Now());
    statement.representative = delegate_->id.Text();
    const ChangedRecord granted =
        DelegationDesk(world_.consent())
            .GrantFor(delegate_->id, PersonAt(slot), asked.revision.record,
                      receipt::SignStatement(statement, delegate_->key))
            .value();
    return {granted.record.revision.record.Text(),
            granted.record.revision.until};
  }

  World& world_;
  AgreementPointer one_time_;
  std::array<std::unique_ptr<Citizen>, kSlots> citizens_;
  std::array<DelegationId, kSlots> delegations_;
  std::unique_ptr<Citizen> delegate_;
  base::Mutex mutex_;
};

class StaleAllowProperty : public ::testing::Test {
 protected:
  testing::SqlStores stores_{/*tailed=*/true};
  World world_{stores_};
  OneProcess stage_{world_};
};

TEST_F(StaleAllowProperty, NoneInTwentyThousandOperations) {
  StaleAllowGame game(stage_, Cheat::kNone, 20'000);
  game.Play();
  EXPECT_EQ(game.stale(), 0);
  EXPECT_GT(game.handed_over(), 200);
}

TEST_F(StaleAllowProperty, TheJudgeFindsAReaderThatIgnoresFences) {
  StaleAllowGame game(stage_, Cheat::kIgnoresFences, 20'000);
  game.Play();
  EXPECT_GT(game.stale(), 0);
}

TEST_F(StaleAllowProperty, TheJudgeFindsAReaderThatHandsOverTwice) {
  StaleAllowGame game(stage_, Cheat::kHandsOverTwice, 20'000);
  game.Play();
  EXPECT_GT(game.stale(), 0);
}

// Nobody stays in the sequencer's memory, so that every call is decided from
// what was read ahead of it, while others withdraw.
class ReadAheadProperty : public StaleAllowProperty {
 protected:
  ReadAheadProperty() {
    world_.KeepPersons(1);
    world_.Restart();
  }
};

TEST_F(ReadAheadProperty, NoStaleAllowInTwentyThousandOperations) {
  StaleAllowGame game(stage_, Cheat::kNone, 20'000);
  game.Play();
  EXPECT_EQ(game.stale(), 0);
  EXPECT_GT(game.handed_over(), 200);
  EXPECT_GT(world_.consent().read_ahead_count(), 200U);
}

// Time needs no race: the last permit before the end of a record, used after.
int HandedOverAfterTheEnd(World& world, bool ignores_the_clock) {
  const Citizen ann = world.NewCitizen(1);
  const RecordView record = world.Granted(ann);
  const absl::Time until = record.revision.until;
  world.clock().Advance(until - world.clock().Now() - absl::Milliseconds(1));
  auto answer = world.Read(record.revision.record);
  EXPECT_TRUE(testing::Released(answer));
  world.clock().Advance(absl::Milliseconds(1));
  int handed_over = 0;
  if (ignores_the_clock) {
    ++handed_over;
  } else {
    (void)answer->release->hold->HandOverIfLive([&] { ++handed_over; });
  }
  return handed_over;
}

TEST_F(StaleAllowProperty, NothingIsHandedOverAfterTheRecordsEnd) {
  EXPECT_EQ(HandedOverAfterTheEnd(world_, /*ignores_the_clock=*/false), 0);
}

TEST_F(StaleAllowProperty, TheJudgeFindsAReaderThatIgnoresTheClock) {
  EXPECT_EQ(HandedOverAfterTheEnd(world_, /*ignores_the_clock=*/true), 1);
}

// ./dev test -L long
TEST_F(StaleAllowProperty, DISABLED_NoneInAMillionOperations) {
  StaleAllowGame game(stage_, Cheat::kNone, 1'000'000);
  game.Play();
  EXPECT_EQ(game.stale(), 0);
}

}  // namespace
}  // namespace limpid::consent

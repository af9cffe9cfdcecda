// The claim of consent.md section 4 as a property, in one process:
// stale_allow_game.h.

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
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

  void Replace(std::size_t slot) override {
    Citizen out{crypto::Ed25519PrivateKey::Generate(), {}};
    out.id = world_.consent().CreateAccount(out.key.PublicKey())->person;
    citizens_.at(slot) = std::make_unique<Citizen>(std::move(out));
  }
  GrantedRecord Grant(std::size_t slot, bool one_time) override {
    // The world's counters are one test's.
    const base::MutexLock lock(mutex_);
    const RecordView record = world_.Granted(
        *citizens_.at(slot), one_time ? one_time_ : world_.agreement());
    return {record.revision.record.Text(), record.revision.until};
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

  World& world_;
  AgreementPointer one_time_;
  std::array<std::unique_ptr<Citizen>, kSlots> citizens_;
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

// The claim of consent.md section 4 as a property: readers, withdrawers,
// pausers, expiries and one-time grants run against each other, readers are
// held up between check and hand-over, and every hand-over is judged by a model
// that knows only which ending calls had returned. The judge itself is tried
// with readers that cheat in three ways.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using testing::Citizen;
using testing::World;

constexpr int kReaders = 6;
constexpr int kActors = 2;
// Records that an actor works on at a time, and readers read.
constexpr std::size_t kSlots = 8;
// Of one person, before her slot gets another one.
constexpr std::size_t kRecordsOfOne = 50;

// What a reader does wrong, to try the judge.
enum class Cheat : std::uint8_t {
  kNone,
  // Hands over whatever the fences say.
  kIgnoresFences,
  // Hands over twice under one permit.
  kHandsOverTwice,
};

// One record and what the model knows of it. Made by an actor, read by all.
struct Target {
  RecordId record;
  bool one_time = false;
  absl::Time until;
  // An ending call has returned, and none that resumes has begun since.
  std::atomic<bool> ended = false;
  std::atomic<int> handed_over = 0;
};

// A place that always holds some target; readers keep theirs alive.
class Slot {
 public:
  void Put(std::shared_ptr<Target> target) {
    const base::MutexLock lock(mutex_);
    target_ = std::move(target);
  }
  [[nodiscard]] std::shared_ptr<Target> Get() const {
    const base::MutexLock lock(mutex_);
    return target_;
  }

 private:
  mutable base::Mutex mutex_;
  // Shared with the readers that are under way.
  std::shared_ptr<Target> target_ ABSL_GUARDED_BY(mutex_);
};

class Game {
 public:
  Game(World& world, Cheat cheat, int operations)
      : world_(world), cheat_(cheat), operations_(operations) {}

  void Play() {
    citizens_.reserve(kSlots);
    for (std::size_t i = 0; i < kSlots; ++i) {
      citizens_.push_back(NewCitizen());
      Renew(i);
    }
    std::vector<std::thread> threads;
    threads.reserve(kActors + kReaders);
    for (int i = 0; i < kActors; ++i) {
      threads.emplace_back([this, i] { Act(i); });
    }
    for (int i = 0; i < kReaders; ++i) {
      threads.emplace_back([this, i] { Read(static_cast<unsigned>(i)); });
    }
    for (std::thread& thread : threads) thread.join();
  }

  [[nodiscard]] int stale() const { return stale_; }
  [[nodiscard]] int handed_over() const { return handed_over_; }

 private:
  [[nodiscard]] bool over() const { return done_ >= operations_; }

  // A fresh granted record in the slot; every third may be used once.
  void Renew(std::size_t slot) {
    const base::MutexLock lock(renew_mutex_);
    auto target = std::make_shared<Target>();
    // Nobody has ten thousand records, and binding looks at all of a person.
    if (++renewals_.at(slot) % kRecordsOfOne == 0) {
      citizens_.at(slot) = NewCitizen();
    }
    target->one_time = ++renewed_ % 3 == 0;
    const AgreementPointer agreement =
        target->one_time ? OneTime() : world_.agreement();
    const RecordView record = world_.Granted(citizens_[slot], agreement);
    target->record = record.revision.record;
    target->until = record.revision.until;
    slots_.at(slot).Put(std::move(target));
  }

  Citizen NewCitizen() {
    Citizen out{crypto::Ed25519PrivateKey::Generate(), {}};
    out.id = world_.consent().CreateAccount(out.key.PublicKey())->person;
    return out;
  }

  AgreementPointer OneTime() {
    if (one_time_ == nullptr) {
      AgreementContent content = testing::CareContent();
      content.use_count_max = 1;
      one_time_ = world_.Publish(content);
    }
    return one_time_;
  }

  // Ends what is in its slots: for good, or for a while.
  void Act(int actor) {
    std::minstd_rand random(static_cast<unsigned>(actor) + 1);
    while (!over()) {
      const std::size_t slot = random() % (kSlots / kActors) * kActors +
                               static_cast<std::size_t>(actor);
      Target& target = *slots_.at(slot).Get();
      const PersonId person = citizens_[slot].id;
      ++done_;
      if (random() % 4 == 0) {
        if (world_.consent().Pause(person, target.record).ok()) {
          target.ended = true;
          std::this_thread::yield();
          target.ended = false;
          (void)world_.consent().Resume(person, target.record);
        }
        continue;
      }
      const auto ended = world_.consent().Withdraw(person, target.record);
      if (ended.ok()) {
        target.ended = true;
      } else {
        // Used up already. Its one use may still be under way, and the call
        // promised nothing.
        EXPECT_TRUE(absl::IsFailedPrecondition(ended.status()));
      }
      Renew(slot);
    }
  }

  void Read(unsigned seed) {
    std::minstd_rand random(seed + 77);
    while (!over()) {
      const std::shared_ptr<Target> target = slots_.at(random() % kSlots).Get();
      auto answer = world_.Read(target->record);
      ++done_;
      if (!answer.ok() || !answer->release.has_value()) continue;
      // As a process that was stopped in between.
      if (random() % 8 == 0) std::this_thread::yield();
      HandOver(*answer->release->hold, *target);
      answer->release->hold->Close();
    }
  }

  void HandOver(OpenPermit& hold, Target& target) {
    const auto judge = [&] { Judge(target); };
    if (cheat_ == Cheat::kIgnoresFences) {
      std::this_thread::yield();
      judge();
      return;
    }
    const bool handed = hold.HandOverIfLive(judge);
    if (cheat_ == Cheat::kHandsOverTwice && handed) judge();
  }

  // The model: what had returned before this byte.
  void Judge(Target& target) {
    ++handed_over_;
    const int times = ++target.handed_over;
    if (target.ended || (target.one_time && times > 1) ||
        world_.clock().Now() >= target.until) {
      ++stale_;
    }
  }

  World& world_;
  const Cheat cheat_;
  const int operations_;
  std::vector<Citizen> citizens_;
  std::array<Slot, kSlots> slots_;
  base::Mutex renew_mutex_;
  std::size_t renewed_ = 0;
  std::array<std::size_t, kSlots> renewals_{};
  AgreementPointer one_time_;
  std::atomic<int> done_ = 0;
  std::atomic<int> handed_over_ = 0;
  std::atomic<int> stale_ = 0;
};

class StaleAllowProperty : public ::testing::Test {
 protected:
  testing::SqlStores stores_{/*tailed=*/true};
  World world_{stores_};
};

TEST_F(StaleAllowProperty, NoneInTwentyThousandOperations) {
  Game game(world_, Cheat::kNone, 20'000);
  game.Play();
  EXPECT_EQ(game.stale(), 0);
  EXPECT_GT(game.handed_over(), 200);
}

TEST_F(StaleAllowProperty, TheJudgeFindsAReaderThatIgnoresFences) {
  Game game(world_, Cheat::kIgnoresFences, 20'000);
  game.Play();
  EXPECT_GT(game.stale(), 0);
}

TEST_F(StaleAllowProperty, TheJudgeFindsAReaderThatHandsOverTwice) {
  Game game(world_, Cheat::kHandsOverTwice, 20'000);
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
  Game game(world_, Cheat::kNone, 1'000'000);
  game.Play();
  EXPECT_EQ(game.stale(), 0);
}

}  // namespace
}  // namespace limpid::consent

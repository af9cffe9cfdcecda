#include "tests/testing/stale_allow_game.h"

#include <chrono>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace limpid::testing {
namespace {

constexpr int kReaders = 6;
constexpr int kActors = 2;
// An ending call waits no longer than the lease, which is 2 s.
constexpr absl::Duration kLessThanALease = absl::Seconds(1);
// Longer than an ending call takes, or a cheater would be as quick as one that
// does not cheat and the judge would see nothing.
constexpr std::chrono::milliseconds kCheatersTime{20};
// Of one record at once.
constexpr int kWithdrawers = 3;
// Nobody has ten thousand records, and binding looks at all of a person.
constexpr std::size_t kRecordsOfOne = 50;

}  // namespace

void StaleAllowGame::Play() {
  for (std::size_t i = 0; i < Stage::kSlots; ++i) {
    stage_.Replace(i);
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

StaleAllowGame::Targets StaleAllowGame::TargetsOf(std::size_t slot) const {
  const base::MutexLock lock(mutex_);
  return targets_.at(slot);
}

// What is freshly granted in the slot: every third may be used once, and every
// fifth time it is several records under one delegation.
void StaleAllowGame::Renew(std::size_t slot) {
  if (++renewals_.at(slot) % kRecordsOfOne == 0) stage_.Replace(slot);
  const std::size_t renewed = ++renewed_;
  const bool one_time = renewed % 3 == 0;
  std::vector<GrantedRecord> granted;
  if (renewed % 5 == 0) granted = stage_.GrantDelegated(slot);
  const bool delegated = !granted.empty();
  if (!delegated) granted.push_back(stage_.Grant(slot, one_time));
  Targets targets;
  for (const GrantedRecord& record : granted) {
    auto target = std::make_shared<Target>();
    target->record = record.id;
    target->one_time = !delegated && one_time;
    target->delegated = delegated;
    target->until = record.until;
    targets.push_back(std::move(target));
  }
  const base::MutexLock lock(mutex_);
  targets_.at(slot) = std::move(targets);
}

void StaleAllowGame::PauseAndResume(std::size_t slot, Target& target) {
  if (!stage_.Pause(slot, target.record).ok()) return;
  target.ended = true;
  std::this_thread::yield();
  target.ended = false;
  (void)stage_.Resume(slot, target.record);
}

void StaleAllowGame::Withdraw(std::size_t slot, Target& target,
                              int withdrawers) {
  const auto withdraw = [&] {
    const absl::Status ended = stage_.Withdraw(slot, target.record);
    if (ended.ok()) {
      target.ended = true;
    } else {
      // Used up already. Its one use may still be under way, and the call
      // promised nothing.
      EXPECT_TRUE(absl::IsFailedPrecondition(ended)) << ended;
    }
  };
  std::vector<std::thread> others;
  for (int i = 1; i < withdrawers; ++i) others.emplace_back(withdraw);
  withdraw();
  for (std::thread& other : others) other.join();
}

void StaleAllowGame::EndDelegation(std::size_t slot, const Targets& targets) {
  const absl::Status ended = stage_.EndDelegation(slot);
  EXPECT_TRUE(ended.ok()) << ended;
  for (const auto& target : targets) target->ended = true;
}

// Ends what is in its slots: for good, or for a while.
void StaleAllowGame::Act(int actor) {
  std::minstd_rand random(static_cast<unsigned>(actor) + 1);
  while (!over()) {
    const std::size_t slot = random() % (Stage::kSlots / kActors) * kActors +
                             static_cast<std::size_t>(actor);
    const Targets targets = TargetsOf(slot);
    ++done_;
    if (targets.front()->delegated) {
      EndDelegation(slot, targets);
    } else if (random() % 4 == 0) {
      PauseAndResume(slot, *targets.front());
      continue;
    } else {
      Withdraw(slot, *targets.front(), random() % 4 == 0 ? kWithdrawers : 1);
    }
    Renew(slot);
  }
}

void StaleAllowGame::Read(unsigned seed) {
  std::minstd_rand random(seed + 77);
  while (!over()) {
    const Targets targets = TargetsOf(random() % Stage::kSlots);
    Target& target = *targets.at(random() % targets.size());
    const absl::Time asked = stage_.Now();
    const std::unique_ptr<HeldPermit> permit = stage_.Read(target.record);
    ++done_;
    if (permit == nullptr) continue;
    // As a process that was stopped in between.
    if (random() % 8 == 0) std::this_thread::yield();
    if (HandOver(*permit, target)) {
      // As a network that is slow.
      if (random() % 4 == 0) std::this_thread::yield();
      JudgeOnTheirWay(target, asked);
    }
    permit->Close();
  }
}

bool StaleAllowGame::HandOver(HeldPermit& permit, Target& target) {
  const auto judge = [&] { Judge(target); };
  if (cheat_ == Cheat::kClosesFirst) permit.Close();
  if (cheat_ == Cheat::kIgnoresFences || cheat_ == Cheat::kClosesFirst) {
    std::this_thread::sleep_for(kCheatersTime);
    judge();
    return true;
  }
  const bool handed = permit.HandOverIfLive(judge);
  if (cheat_ == Cheat::kHandsOverTwice && handed) judge();
  return handed;
}

// An ending call waits for them.
void StaleAllowGame::JudgeOnTheirWay(const Target& target, absl::Time asked) {
  const bool ended = target.ended;
  // Behind the look: the lease was good when the call had returned.
  if (ended && stage_.Now() < asked + kLessThanALease) ++stale_;
}

// The model: what had returned before this byte.
void StaleAllowGame::Judge(Target& target) {
  ++handed_over_;
  const int times = ++target.handed_over;
  if (target.ended || (target.one_time && times > 1) ||
      stage_.Now() >= target.until) {
    ++stale_;
  }
}

}  // namespace limpid::testing

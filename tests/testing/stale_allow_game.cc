#include "tests/testing/stale_allow_game.h"

#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace limpid::testing {
namespace {

constexpr int kReaders = 6;
constexpr int kActors = 2;
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

std::shared_ptr<StaleAllowGame::Target> StaleAllowGame::TargetOf(
    std::size_t slot) const {
  const base::MutexLock lock(mutex_);
  return targets_.at(slot);
}

// A fresh granted record in the slot; every third may be used once.
void StaleAllowGame::Renew(std::size_t slot) {
  if (++renewals_.at(slot) % kRecordsOfOne == 0) stage_.Replace(slot);
  auto target = std::make_shared<Target>();
  target->one_time = ++renewed_ % 3 == 0;
  const GrantedRecord granted = stage_.Grant(slot, target->one_time);
  target->record = granted.id;
  target->until = granted.until;
  const base::MutexLock lock(mutex_);
  targets_.at(slot) = std::move(target);
}

// Ends what is in its slots: for good, or for a while.
void StaleAllowGame::Act(int actor) {
  std::minstd_rand random(static_cast<unsigned>(actor) + 1);
  while (!over()) {
    const std::size_t slot = random() % (Stage::kSlots / kActors) * kActors +
                             static_cast<std::size_t>(actor);
    Target& target = *TargetOf(slot);
    ++done_;
    if (random() % 4 == 0) {
      if (stage_.Pause(slot, target.record).ok()) {
        target.ended = true;
        std::this_thread::yield();
        target.ended = false;
        (void)stage_.Resume(slot, target.record);
      }
      continue;
    }
    const absl::Status ended = stage_.Withdraw(slot, target.record);
    if (ended.ok()) {
      target.ended = true;
    } else {
      // Used up already. Its one use may still be under way, and the call
      // promised nothing.
      EXPECT_TRUE(absl::IsFailedPrecondition(ended)) << ended;
    }
    Renew(slot);
  }
}

void StaleAllowGame::Read(unsigned seed) {
  std::minstd_rand random(seed + 77);
  while (!over()) {
    const std::shared_ptr<Target> target = TargetOf(random() % Stage::kSlots);
    const std::unique_ptr<HeldPermit> permit = stage_.Read(target->record);
    ++done_;
    if (permit == nullptr) continue;
    // As a process that was stopped in between.
    if (random() % 8 == 0) std::this_thread::yield();
    HandOver(*permit, *target);
    permit->Close();
  }
}

void StaleAllowGame::HandOver(HeldPermit& permit, Target& target) {
  const auto judge = [&] { Judge(target); };
  if (cheat_ == Cheat::kClosesFirst) permit.Close();
  if (cheat_ == Cheat::kIgnoresFences || cheat_ == Cheat::kClosesFirst) {
    std::this_thread::yield();
    judge();
    return;
  }
  const bool handed = permit.HandOverIfLive(judge);
  if (cheat_ == Cheat::kHandsOverTwice && handed) judge();
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

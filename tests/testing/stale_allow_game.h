// The claim of consent.md section 4 as a property: readers, withdrawers (two at
// once of one record, too), pausers, enders of delegations, expiries and
// one-time grants run against each other, readers are held up between check,
// hand-over and close, and every hand-over is judged by a model that knows only
// which ending calls had returned; so are bytes that are still on their way.
// Where it is played (one process, two) is a Stage. The judge itself is tried
// with cheating readers.

#ifndef LIMPID_TESTS_TESTING_STALE_ALLOW_GAME_H_
#define LIMPID_TESTS_TESTING_STALE_ALLOW_GAME_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace limpid::testing {

// A permit in a reader's hand.
class HeldPermit {
 public:
  virtual ~HeldPermit() = default;
  HeldPermit(const HeldPermit&) = delete;
  HeldPermit& operator=(const HeldPermit&) = delete;
  virtual bool HandOverIfLive(absl::FunctionRef<void()> hand_over) = 0;
  virtual void Close() = 0;

 protected:
  HeldPermit() = default;
};

struct GrantedRecord {
  // Text form.
  std::string id;
  absl::Time until;
};

// Records are kept in slots, each with a person of its own. Thread-safe for
// calls about different slots.
class Stage {
 public:
  static constexpr std::size_t kSlots = 8;

  virtual ~Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Gives the slot another person.
  virtual void Replace(std::size_t slot) = 0;
  virtual GrantedRecord Grant(std::size_t slot, bool one_time) = 0;
  // Records that were granted under one delegation, which EndDelegation ends;
  // none where none are played. No other is granted in the slot meanwhile.
  virtual std::vector<GrantedRecord> GrantDelegated(std::size_t /*slot*/) {
    return {};
  }
  virtual absl::Status EndDelegation(std::size_t /*slot*/) {
    return absl::UnimplementedError("no delegations are played here");
  }
  virtual absl::Status Withdraw(std::size_t slot,
                                const std::string& record) = 0;
  virtual absl::Status Pause(std::size_t slot, const std::string& record) = 0;
  virtual absl::Status Resume(std::size_t slot, const std::string& record) = 0;
  // Null when nothing is released. Thread-safe.
  virtual std::unique_ptr<HeldPermit> Read(const std::string& record) = 0;
  [[nodiscard]] virtual absl::Time Now() const = 0;

 protected:
  Stage() = default;
};

// What a reader does wrong, to try the judge.
enum class Cheat : std::uint8_t {
  kNone,
  // Hands over whatever the fences say.
  kIgnoresFences,
  // Hands over twice under one permit.
  kHandsOverTwice,
  // Says that it is done, and hands over then.
  kClosesFirst,
};

class StaleAllowGame {
 public:
  StaleAllowGame(Stage& stage, Cheat cheat, int operations)
      : stage_(stage), cheat_(cheat), operations_(operations) {}

  void Play();

  [[nodiscard]] int stale() const { return stale_; }
  [[nodiscard]] int handed_over() const { return handed_over_; }

 private:
  // One record and what the model knows of it. Made by an actor, read by all.
  struct Target {
    std::string record;
    bool one_time = false;
    bool delegated = false;
    absl::Time until;
    // An ending call has returned, and none that resumes has begun since.
    std::atomic<bool> ended = false;
    std::atomic<int> handed_over = 0;
  };
  // Shared with the readers that are under way.
  using Targets = std::vector<std::shared_ptr<Target>>;

  [[nodiscard]] bool over() const { return done_ >= operations_; }
  void Renew(std::size_t slot);
  void Act(int actor);
  void PauseAndResume(std::size_t slot, Target& target);
  // As `withdrawers` at once.
  void Withdraw(std::size_t slot, Target& target, int withdrawers);
  void EndDelegation(std::size_t slot, const Targets& targets);
  void Read(unsigned seed);
  // Whether anything was handed over.
  bool HandOver(HeldPermit& permit, Target& target);
  void Judge(Target& target);
  // Of bytes that are on their way under a permit asked for at `asked`.
  void JudgeOnTheirWay(const Target& target, absl::Time asked);
  Targets TargetsOf(std::size_t slot) const;

  Stage& stage_;
  const Cheat cheat_;
  const int operations_;
  mutable base::Mutex mutex_;
  std::array<Targets, Stage::kSlots> targets_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::size_t> renewed_ = 0;
  std::array<std::size_t, Stage::kSlots> renewals_{};
  std::atomic<int> done_ = 0;
  std::atomic<int> handed_over_ = 0;
  std::atomic<int> stale_ = 0;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_STALE_ALLOW_GAME_H_

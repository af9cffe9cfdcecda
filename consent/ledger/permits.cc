#include "consent/ledger/permits.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <utility>
#include <vector>

namespace limpid::consent {

struct Permits::State {
  struct Entry {
    std::uint64_t revision = 0;
    absl::Duration end;
    bool dead = false;
    // Bytes are, or may be, on their way.
    bool handed_over = false;
  };
  using Entries = std::list<Entry>;
  struct Waiter {
    RecordId record;
    std::uint64_t revision = 0;
    std::function<void()> drained;
  };

  explicit State(const base::Clock& c) : clock(c) {}

  bool Drained(const RecordId& record, std::uint64_t revision) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    const absl::Duration now = clock.Monotonic();
    if (now < held_until) return false;
    const auto at = open.find(record);
    if (at == open.end()) return true;
    return std::none_of(at->second.begin(), at->second.end(),
                        [&](const Entry& entry) {
                          return entry.revision < revision &&
                                 entry.handed_over && now < entry.end;
                        });
  }
  // Takes out the waiters that need wait no longer.
  std::vector<std::function<void()>> TakeDrained()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex) {
    std::vector<std::function<void()>> out;
    for (auto at = waiters.begin(); at != waiters.end();) {
      if (!Drained(at->record, at->revision)) {
        ++at;
        continue;
      }
      out.push_back(std::move(at->drained));
      at = waiters.erase(at);
    }
    return out;
  }

  const base::Clock& clock;
  mutable base::Mutex mutex;
  std::unordered_map<RecordId, Entries> open ABSL_GUARDED_BY(mutex);
  std::list<Waiter> waiters ABSL_GUARDED_BY(mutex);
  std::size_t count ABSL_GUARDED_BY(mutex) = 0;
  // On the monotonic clock.
  absl::Duration held_until ABSL_GUARDED_BY(mutex) = -absl::InfiniteDuration();
  // Apart: a sink may take its own locks.
  base::Mutex sink_mutex;
  std::list<FenceSink> sinks ABSL_GUARDED_BY(sink_mutex);
};

class Permits::Handle final : public OpenPermit {
 public:
  Handle(std::shared_ptr<State> state, const RecordId& record,
         State::Entries::iterator entry)
      : state_(std::move(state)), record_(record), entry_(entry) {}
  ~Handle() override { CloseOnce(); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  [[nodiscard]] bool Live() const override {
    const base::MutexLock lock(state_->mutex);
    return IsLive();
  }

  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    const base::MutexLock lock(state_->mutex);
    if (!IsLive() || entry_->handed_over) return false;
    entry_->handed_over = true;
    hand_over();
    return true;
  }

  void Close() override { CloseOnce(); }

 private:
  [[nodiscard]] bool IsLive() const {
    return !closed_ && !entry_->dead && state_->clock.Monotonic() < entry_->end;
  }

  void CloseOnce() {
    std::vector<std::function<void()>> drained;
    {
      const base::MutexLock lock(state_->mutex);
      if (closed_) return;
      closed_ = true;
      const auto at = state_->open.find(record_);
      at->second.erase(entry_);
      if (at->second.empty()) state_->open.erase(at);
      --state_->count;
      if (!state_->waiters.empty()) drained = state_->TakeDrained();
    }
    for (const auto& callback : drained) callback();
  }

  const std::shared_ptr<State> state_;
  const RecordId record_;
  const State::Entries::iterator entry_;
  bool closed_ = false;  // Under the state's mutex.
};

Permits::Permits(const base::Clock& clock)
    : state_(std::make_shared<State>(clock)) {}

Permits::~Permits() {
  // Dropped without the lock: what they hold may answer somebody.
  std::list<State::Waiter> waiters;
  const base::MutexLock lock(state_->mutex);
  waiters.swap(state_->waiters);
}

std::unique_ptr<OpenPermit> Permits::Open(const RecordId& record,
                                          std::uint64_t revision,
                                          absl::Duration lease) {
  const base::MutexLock lock(state_->mutex);
  State::Entries& entries = state_->open[record];
  entries.push_back({revision, state_->clock.Monotonic() + lease});
  ++state_->count;
  return std::make_unique<Handle>(state_, record, std::prev(entries.end()));
}

void Permits::Listen(FenceSink fenced) {
  const base::MutexLock lock(state_->sink_mutex);
  state_->sinks.push_back(std::move(fenced));
}

void Permits::Fence(const RecordId& record, std::uint64_t revision,
                    std::function<void()> drained) {
  {
    const base::MutexLock lock(state_->sink_mutex);
    state_->sinks.remove_if(
        [&](const FenceSink& sink) { return !sink(record, revision); });
  }
  FenceAgain(record, revision, std::move(drained));
}

void Permits::FenceAgain(const RecordId& record, std::uint64_t revision,
                         std::function<void()> drained) {
  {
    const base::MutexLock lock(state_->mutex);
    const auto at = state_->open.find(record);
    if (at != state_->open.end()) {
      for (State::Entry& entry : at->second) {
        if (entry.revision < revision) entry.dead = true;
      }
    }
    if (!state_->Drained(record, revision)) {
      state_->waiters.push_back({record, revision, std::move(drained)});
      return;
    }
  }
  drained();
}

void Permits::HoldFences(absl::Duration time) {
  const base::MutexLock lock(state_->mutex);
  state_->held_until =
      std::max(state_->held_until, state_->clock.Monotonic() + time);
}

bool Permits::Poll() {
  std::vector<std::function<void()>> drained;
  bool waiting = false;
  {
    const base::MutexLock lock(state_->mutex);
    drained = state_->TakeDrained();
    waiting = !state_->waiters.empty();
  }
  for (const auto& callback : drained) callback();
  return waiting;
}

std::size_t Permits::open_count() const {
  const base::MutexLock lock(state_->mutex);
  return state_->count;
}

}  // namespace limpid::consent

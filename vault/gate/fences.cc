#include "vault/gate/fences.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/base/mutex.h"
#include "common/receipt/permit.h"

namespace limpid::vault {
namespace {

// Independent locks, so that reads of different records do not queue behind one
// another's hand-over. A power of two near the cores of a large machine.
constexpr std::size_t kShardCount = 64;

struct Record {
  // Permits under lower revisions are dead. 0: no fence.
  std::uint64_t fence = 0;
  // When the fence may be forgotten, on the monotonic clock.
  absl::Duration forget_at = absl::ZeroDuration();
  // Permits open, and those among them that have handed bytes over by the
  // revision they were made under.
  std::uint64_t open = 0;
  std::map<std::uint64_t, std::uint64_t> in_flight;
};

struct Shard {
  mutable base::Mutex mutex;
  base::ConditionVariable closed;
  std::unordered_map<std::string, Record> records ABSL_GUARDED_BY(mutex);
};

bool Drained(const Record& record, std::uint64_t revision) {
  return record.in_flight.empty() ||
         record.in_flight.begin()->first >= revision;
}

}  // namespace

struct Fences::State {
  explicit State(const base::Clock& the_clock) : clock(the_clock) {}

  Shard& Of(std::string_view record) {
    return shards.at(std::hash<std::string_view>()(record) % kShardCount);
  }

  const base::Clock& clock;
  std::array<Shard, kShardCount> shards;
  // Permits of an earlier one are dead. Written and then made known by taking
  // each shard's lock; compared under one.
  std::atomic<std::uint64_t> generation = 0;
};

class Fences::Hold final : public PermitHold {
 public:
  Hold(State& state, std::string_view record, std::uint64_t revision)
      : state_(state),
        shard_(state.Of(record)),
        record_(record),
        revision_(revision),
        generation_(state.generation) {
    const base::MutexLock lock(shard_.mutex);
    ++shard_.records[record_].open;
  }

  bool HandOverIfLive(absl::FunctionRef<void()> hand_over) override {
    const base::MutexLock lock(shard_.mutex);
    Record& record = shard_.records[record_];
    if (handed_over_ || record.fence > revision_ ||
        generation_ != state_.generation) {
      return false;
    }
    handed_over_ = true;
    ++record.in_flight[revision_];
    hand_over();
    return true;
  }

  void Close(Closing /*closing*/) override {
    const base::MutexLock lock(shard_.mutex);
    const auto found = shard_.records.find(record_);
    if (found == shard_.records.end()) return;
    Record& record = found->second;
    --record.open;
    if (handed_over_ && --record.in_flight[revision_] == 0) {
      record.in_flight.erase(revision_);
      shard_.closed.NotifyAll();
    }
    if (record.open == 0 && record.forget_at <= state_.clock.Monotonic()) {
      shard_.records.erase(found);
    }
  }

 private:
  State& state_;
  Shard& shard_;
  const std::string record_;
  const std::uint64_t revision_;
  const std::uint64_t generation_;
  bool handed_over_ = false;
};

Fences::Fences(const base::Clock& clock)
    : state_(std::make_unique<State>(clock)) {}
Fences::~Fences() = default;

std::unique_ptr<PermitHold> Fences::Open(std::string_view record,
                                         std::uint64_t revision) {
  return std::make_unique<Hold>(*state_, record, revision);
}

void Fences::Raise(std::string_view record, std::uint64_t revision) {
  Shard& shard = state_->Of(record);
  const absl::Duration now = state_->clock.Monotonic();
  const base::MutexLock lock(shard.mutex);
  // Fences are rare; each one sweeps its shard of those that ran out.
  std::erase_if(shard.records, [now](const auto& item) {
    return item.second.open == 0 && item.second.forget_at <= now;
  });
  Record& fenced = shard.records[std::string(record)];
  fenced.fence = std::max(fenced.fence, revision);
  fenced.forget_at = now + 2 * receipt::kMaxLease;
}

void Fences::KillAll() {
  ++state_->generation;
  // Whoever holds a lock now may still hand over; nobody who takes it later.
  for (Shard& shard : state_->shards) const base::MutexLock lock(shard.mutex);
}

bool Fences::Drain(std::string_view record, std::uint64_t revision,
                   absl::Duration timeout) {
  Shard& shard = state_->Of(record);
  const absl::Duration deadline = state_->clock.Monotonic() + timeout;
  const std::string key(record);
  const base::MutexLock lock(shard.mutex);
  for (;;) {
    const auto found = shard.records.find(key);
    if (found == shard.records.end() || Drained(found->second, revision)) {
      return true;
    }
    const absl::Duration left = deadline - state_->clock.Monotonic();
    if (left <= absl::ZeroDuration()) return false;
    shard.closed.WaitFor(shard.mutex, left);
  }
}

std::uint64_t Fences::open_count() const {
  std::uint64_t count = 0;
  for (Shard& shard : state_->shards) {
    const base::MutexLock lock(shard.mutex);
    for (const auto& item : shard.records) count += item.second.open;
  }
  return count;
}

}  // namespace limpid::vault

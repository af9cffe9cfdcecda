// The hub over a key store that fails for a while.

#include "consent/propagation/watch_hub.h"

#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "consent/consent_state.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;

// Reads of persons' keys answer a failure until told otherwise. Thread-safe.
class FailingKeys final : public PersonKeyStore {
 public:
  explicit FailingKeys(PersonKeyStore& keys) : keys_(keys) {}

  absl::Status Insert(const PersonId& person, const Wrapped& key) override {
    return keys_.Insert(person, key);
  }
  absl::StatusOr<std::optional<Wrapped>> Get(
      const PersonId& person) const override {
    const base::MutexLock lock(mutex_);
    ++asked_;
    changed_.NotifyAll();
    if (failing_) return absl::UnavailableError("the disk is away");
    return keys_.Get(person);
  }
  absl::Status PutLogKey(const PersonId& person, const Wrapped& key) override {
    return keys_.PutLogKey(person, key);
  }
  absl::StatusOr<std::optional<Wrapped>> GetLogKey(
      const PersonId& person) const override {
    return keys_.GetLogKey(person);
  }
  absl::Status Erase(const PersonId& person) override {
    return keys_.Erase(person);
  }

  void Recover() {
    const base::MutexLock lock(mutex_);
    failing_ = false;
  }
  bool WaitUntilAsked() {
    const base::MutexLock lock(mutex_);
    for (int i = 0; i < 500 && asked_ == 0; ++i) {
      (void)changed_.WaitFor(mutex_, absl::Milliseconds(20));
    }
    return asked_ != 0;
  }

 private:
  PersonKeyStore& keys_;
  mutable base::Mutex mutex_;
  mutable base::ConditionVariable changed_;
  mutable int asked_ ABSL_GUARDED_BY(mutex_) = 0;
  bool failing_ ABSL_GUARDED_BY(mutex_) = true;
};

TEST(WatchHub, AKeyStoreThatIsAwayLosesNoEvent) {
  testing::MemoryStores stores;
  testing::World world(stores);
  const testing::Citizen ann = world.NewCitizen(1);
  const RecordId record = world.Granted(ann).revision.record;
  ASSERT_THAT(world.consent().Withdraw(ann.id, record), IsOk());
  FailingKeys failing(stores.keys());
  const testing::OneKek keks;
  PersonKeys keys(failing, keks);
  const Consent::State& state = world.consent().state();
  base::Mutex mutex;
  base::ConditionVariable changed;
  std::vector<RecordState> seen;
  WatchHub hub(
      {stores.ledger(), keys, state.blinder, world.clock(), state.cursor_key});
  ASSERT_THAT(hub.Subscribe(world.service()->id, {},
                            [&](const WatchItem& item) {
                              const base::MutexLock lock(mutex);
                              if (item.event) seen.push_back(item.event->state);
                              changed.NotifyAll();
                              return true;
                            }),
              IsOk());
  ASSERT_TRUE(failing.WaitUntilAsked());
  failing.Recover();
  hub.Notify();
  const base::MutexLock lock(mutex);
  for (int i = 0; i < 250 && seen.size() < 3; ++i) {
    (void)changed.WaitFor(mutex, absl::Milliseconds(20));
  }
  // None was passed over.
  EXPECT_EQ(seen, (std::vector<RecordState>{RecordState::kRequested,
                                            RecordState::kGranted,
                                            RecordState::kWithdrawn}));
}

}  // namespace
}  // namespace limpid::consent

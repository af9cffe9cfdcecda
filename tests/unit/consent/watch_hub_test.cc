// The hub over a key store that fails for a while.

#include "consent/propagation/watch_hub.h"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/detached.h"
#include "common/base/mutex.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "consent/consent_state.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;

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

// Streams of services, opened and left as a test wants.
class WatchStreams : public ::testing::Test {
 protected:
  using Flag = std::shared_ptr<std::atomic<bool>>;

  absl::Status Open(const ServiceId& service, Flag open) {
    return hub_.Subscribe(service, {}, [](const WatchItem&) { return true; },
                          {.open = [open] { return open->load(); }});
  }

  testing::MemoryStores stores_;
  testing::World world_{stores_};
  const ServiceId service_ = world_.service()->id;
  const base::Digest32 key_{1};
  std::atomic<bool> has_key_ = true;
  WatchHub hub_{{stores_.ledger(), world_.consent().state().person_keys,
                 world_.consent().state().blinder, world_.clock(),
                 world_.consent().state().cursor_key,
                 [this](const ServiceId& service, const base::Digest32& key) {
                   EXPECT_EQ(service, service_);
                   EXPECT_EQ(key, key_);
                   return has_key_.load();
                 }}};
};

TEST_F(WatchStreams, OfOneServiceAreEight) {
  std::vector<Flag> open;
  for (std::size_t i = 0; i < kMaxWatchStreams; ++i) {
    open.push_back(std::make_shared<std::atomic<bool>>(true));
    ASSERT_THAT(Open(service_, open.back()), IsOk());
  }
  const auto one_more = std::make_shared<std::atomic<bool>>(true);
  EXPECT_THAT(Open(service_, one_more),
              StatusIs(absl::StatusCode::kResourceExhausted));
  // Nobody else has fewer for it.
  EXPECT_THAT(Open(testing::IdOf<ServiceId>(9), one_more), IsOk());
  // One whose client has gone counts no more at once.
  *open.front() = false;
  EXPECT_THAT(Open(service_, one_more), IsOk());
  EXPECT_THAT(Open(service_, one_more),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(WatchStreams, ThatNobodyHearsAreLetGo) {
  const auto open = std::make_shared<std::atomic<bool>>(true);
  ASSERT_THAT(Open(service_, open), IsOk());
  ASSERT_GT(open.use_count(), 1);
  *open = false;
  for (int i = 0; i < 500 && open.use_count() > 1; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  // Long before the next heartbeat, the clock stands still.
  EXPECT_EQ(open.use_count(), 1);
}

TEST_F(WatchStreams, EndWithTheKeyTheyWereBegunWith) {
  std::promise<absl::Status> ended;
  std::atomic<int> heard = 0;
  ASSERT_THAT(hub_.Subscribe(service_, {},
                             [&](const WatchItem&) {
                               ++heard;
                               return true;
                             },
                             {.key = key_,
                              .ended =
                                  [&](const absl::Status& why) {
                                    ended.set_value(base::Detached(why));
                                  }}),
              IsOk());
  for (int i = 0; i < 500 && heard == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ASSERT_EQ(heard, 1);
  has_key_ = false;
  const testing::Citizen ann = world_.NewCitizen(1);
  (void)world_.Granted(ann);
  hub_.Notify();
  auto end = ended.get_future();
  ASSERT_EQ(end.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  EXPECT_THAT(end.get(), StatusIs(absl::StatusCode::kPermissionDenied));
  // What happened meanwhile was not told, and no place is taken.
  EXPECT_EQ(heard, 1);
}

// What the page's example says.
TEST(WatchCursor, NamesItsEvent) {
  EventRow row;
  row.service.fill(1);
  row.position = 7;
  row.shard = 9;
  row.person = testing::IdOf<PersonId>(2);
  row.record = testing::IdOf<RecordId>(3);
  row.created_ms = 1'767'225'600'000;
  EXPECT_EQ(base::HexEncode(EventHash(row)),
            "e3463d3acf0d02ef82a01e2e5eb16bef");
  row.payload = {1};
  EXPECT_NE(base::HexEncode(EventHash(row)),
            "e3463d3acf0d02ef82a01e2e5eb16bef");
}

// A service that listens, and keeps what it was told with its cursors.
class Hearing : public ::testing::Test {
 protected:
  struct Heard {
    RecordState state = RecordState::kDraft;
    base::Bytes cursor;
  };

  std::vector<Heard> Hear(base::ByteView cursor, std::size_t count) {
    const Consent::State& state = world_.consent().state();
    base::Mutex mutex;
    base::ConditionVariable changed;
    std::vector<Heard> out;
    WatchHub hub({stores_.ledger(), world_.consent().state().person_keys,
                  state.blinder, world_.clock(), state.cursor_key});
    EXPECT_THAT(
        hub.Subscribe(world_.service()->id, cursor,
                      [&](const WatchItem& item) {
                        const base::MutexLock lock(mutex);
                        if (item.event) {
                          out.push_back({item.event->state, item.cursor});
                        }
                        changed.NotifyAll();
                        return true;
                      }),
        IsOk());
    const base::MutexLock lock(mutex);
    for (int i = 0; i < 250 && out.size() < count; ++i) {
      (void)changed.WaitFor(mutex, absl::Milliseconds(20));
    }
    EXPECT_GE(out.size(), count);
    // The hub may go on until it is gone.
    std::vector<Heard> first = out;
    if (first.size() > count) first.resize(count);
    return first;
  }
  absl::Status Resume(base::ByteView cursor) {
    return world_.consent().Watch(world_.service()->id, cursor,
                                  [](const WatchItem&) { return false; });
  }
  // As an earlier version made them.
  base::Bytes EarlierCursor(std::uint64_t position) {
    base::ByteWriter plain;
    plain.U64(position);
    return crypto::Seal(
        crypto::Suite::kXChaCha20Poly1305, world_.consent().state().cursor_key,
        world_.service()->id.bytes(),
        base::ByteWriter("limpid/consent-cursor/1").bytes(), plain.bytes());
  }
  void PutBack(const MemoryLedgerStore& copy) {
    world_.Stop();
    stores_.memory().PutBack(copy);
    ASSERT_THAT(world_.TryStart(), IsOk());
  }

  testing::MemoryStores stores_;
  testing::World world_{stores_};
  const testing::Citizen ann_ = world_.NewCitizen(1);
  const RecordId record_ = world_.Granted(ann_).revision.record;
};

// The lost days end where the start's own events begin: positions are given
// again, and the old cursor is behind what must be heard.
TEST_F(Hearing, ACursorOfLostDaysIsRefused) {
  const base::Bytes before = Hear({}, 2).back().cursor;
  MemoryLedgerStore copy;
  copy.PutBack(stores_.memory());
  const RecordId lost = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, lost), IsOk());
  const std::vector<Heard> heard = Hear(before, 3);
  PutBack(copy);
  // The start paused the first record, which is the next event there is.
  ASSERT_EQ(Hear({}, 3).back().state, RecordState::kPaused);
  for (const Heard& one : heard) {
    EXPECT_THAT(Resume(one.cursor), StatusIs(kPrecondition));
  }
  // Also when the store is past them all again.
  for (int i = 0; i < 3; ++i) (void)world_.Granted(ann_);
  for (const Heard& one : heard) {
    EXPECT_THAT(Resume(one.cursor), StatusIs(kPrecondition));
  }
  // What was told before the copy was made goes on, and misses nothing.
  EXPECT_EQ(Hear(before, 1).front().state, RecordState::kPaused);
}

TEST_F(Hearing, EarlierCursorsGoOnWhereAnEventIs) {
  EXPECT_THAT(Resume(EarlierCursor(0)), IsOk());
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, record_), IsOk());
  EXPECT_EQ(Hear(EarlierCursor(2), 1).front().state, RecordState::kWithdrawn);
  // Behind everything, and at a number that another stream has.
  for (const std::uint64_t position : {1'000'000U, 4U}) {
    EXPECT_THAT(Resume(EarlierCursor(position)), StatusIs(kPrecondition))
        << position;
  }
}

}  // namespace
}  // namespace limpid::consent

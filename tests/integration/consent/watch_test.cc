// What a service hears: every change of its records in order, across restarts,
// with nothing left out and nothing twice.

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "gtest/gtest.h"
#include "tests/conformance/consent/backends.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::World;

// Collects items. Shared with the subscription, which may outlive the test's
// interest.
class Listener {
 public:
  bool Take(const WatchItem& item) {
    const base::MutexLock lock(mutex_);
    if (!listening_) return false;
    cursor_ = item.cursor;
    if (item.event) events_.push_back(*item.event);
    if (!item.event) ++heartbeats_;
    changed_.NotifyAll();
    return true;
  }
  // Waits until `count` events are there; a lost one ends in the timeout.
  std::vector<StreamEvent> Wait(std::size_t count) {
    const base::MutexLock lock(mutex_);
    for (int i = 0; i < 500 && events_.size() < count; ++i) {
      (void)changed_.WaitFor(mutex_, absl::Milliseconds(20));
    }
    return events_;
  }
  bool WaitForHeartbeat() {
    const base::MutexLock lock(mutex_);
    for (int i = 0; i < 500 && heartbeats_ == 0; ++i) {
      (void)changed_.WaitFor(mutex_, absl::Milliseconds(20));
    }
    return heartbeats_ > 0;
  }
  base::Bytes Leave() {
    const base::MutexLock lock(mutex_);
    listening_ = false;
    return cursor_;
  }

 private:
  base::Mutex mutex_;
  base::ConditionVariable changed_;
  bool listening_ ABSL_GUARDED_BY(mutex_) = true;
  base::Bytes cursor_ ABSL_GUARDED_BY(mutex_);
  std::vector<StreamEvent> events_ ABSL_GUARDED_BY(mutex_);
  int heartbeats_ ABSL_GUARDED_BY(mutex_) = 0;
};

class ConsentWatch : public ::testing::TestWithParam<testing::Backend> {
 protected:
  std::shared_ptr<Listener> Listen(base::ByteView cursor) {
    auto listener = std::make_shared<Listener>();
    EXPECT_THAT(world_.consent().Watch(world_.service()->id, cursor,
                                       [listener](const WatchItem& item) {
                                         return listener->Take(item);
                                       }),
                IsOk());
    return listener;
  }

  std::unique_ptr<testing::Stores> stores_ = testing::MakeStores(GetParam());
  World world_{*stores_};
  Citizen ann_ = world_.NewCitizen(1);
};

TEST_P(ConsentWatch, TellsTheWholeStoryInOrder) {
  const auto listener = Listen({});
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_THAT(world_.consent().Pause(ann_.id, id), IsOk());
  ASSERT_THAT(world_.consent().Resume(ann_.id, id), IsOk());
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
  const auto events = listener->Wait(5);
  ASSERT_EQ(events.size(), 5U);
  const std::vector<RecordState> want = {
      RecordState::kRequested, RecordState::kGranted, RecordState::kPaused,
      RecordState::kGranted, RecordState::kWithdrawn};
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(events[i].state, want[i]);
    EXPECT_EQ(events[i].record, id);
    EXPECT_EQ(events[i].revision, i + 1);
    EXPECT_EQ(events[i].pseudonym, events[0].pseudonym);
  }
  EXPECT_EQ(events[1].attributes,
            (std::vector<std::string>{"person.name", "person.birth_date"}));
  EXPECT_TRUE(events[4].attributes.empty());
}

TEST_P(ConsentWatch, TellsExpiryAndExhaustion) {
  const auto listener = Listen({});
  AgreementContent content = testing::CareContent();
  content.use_count_max = 1;
  const RecordView once = world_.Granted(ann_, world_.Publish(content));
  ASSERT_THAT(world_.Read(once.revision.record), IsOk());
  EXPECT_EQ(listener->Wait(3).at(2).state, RecordState::kExhausted);
  const RecordView record = world_.Granted(ann_);
  world_.clock().Advance(absl::Hours(24 * 31));
  world_.consent().RunDue();
  const auto events = listener->Wait(6);
  ASSERT_EQ(events.size(), 6U);
  EXPECT_EQ(events[5].state, RecordState::kExpired);
  EXPECT_EQ(events[5].record, record.revision.record);
}

TEST_P(ConsentWatch, ResumesBehindTheCursorAfterARestart) {
  const auto first = Listen({});
  const RecordId id = world_.Granted(ann_).revision.record;
  ASSERT_EQ(first->Wait(2).size(), 2U);
  const base::Bytes cursor = first->Leave();
  ASSERT_THAT(world_.consent().Pause(ann_.id, id), IsOk());
  world_.Restart();
  ASSERT_THAT(world_.consent().Withdraw(ann_.id, id), IsOk());
  const auto second = Listen(cursor);
  const auto events = second->Wait(2);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].state, RecordState::kPaused);
  EXPECT_EQ(events[1].state, RecordState::kWithdrawn);
  EXPECT_EQ(Listen({})->Wait(4).size(), 4U);
}

TEST_P(ConsentWatch, CursorsAreForOneServiceOnly) {
  const auto listener = Listen({});
  EXPECT_TRUE(listener->WaitForHeartbeat());
  const base::Bytes cursor = listener->Leave();
  const auto nothing = [](const WatchItem&) { return false; };
  EXPECT_THAT(
      world_.consent().Watch(testing::IdOf<ServiceId>(9), cursor, nothing),
      StatusIs(absl::StatusCode::kInvalidArgument));
  base::Bytes bad = cursor;
  bad.back() ^= 1U;
  EXPECT_THAT(world_.consent().Watch(world_.service()->id, bad, nothing),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

INSTANTIATE_TEST_SUITE_P(Stores, ConsentWatch,
                         ::testing::ValuesIn(testing::Installed()),
                         [](const auto& which) {
                           return testing::BackendName(which.param);
                         });

}  // namespace
}  // namespace limpid::consent

// Silence on a stream of notices means that there is nothing to tell, and
// nothing else.

#include "consent/notice/notice_hub.h"

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::IdOf;

const PersonId kAnn = IdOf<PersonId>(1);

NoticeView ViewOf(std::uint8_t number) {
  NoticeView out;
  out.notice.id = IdOf<BasisNoticeId>(number);
  out.notice.number = number;
  out.notice.count = 1;
  return out;
}

// A store as the test wants it, and what one device hears of it. Waits for what
// the hub's thread does at most some seconds.
class NoticeHubTest : public ::testing::Test {
 protected:
  absl::Status Listen() {
    return hub_.Subscribe(
        kAnn,
        [this](const NoticeItem& item) {
          const base::MutexLock lock(mutex_);
          heard_.push_back(item);
          return true;
        },
        [this](const absl::Status& why) {
          const base::MutexLock lock(mutex_);
          ended_ = why;
        });
  }
  void Store(absl::StatusOr<UnreadNotices> answer) {
    const base::MutexLock lock(mutex_);
    answer_ = std::move(answer);
  }
  void StoreOne(std::uint8_t number, absl::StatusOr<NoticeView> answer) {
    const base::MutexLock lock(mutex_);
    ones_[IdOf<BasisNoticeId>(number)] = std::move(answer);
  }
  void Notify(std::uint8_t number) {
    hub_.Notify(kAnn, IdOf<BasisNoticeId>(number));
  }
  // Until a hub that is behind has asked the store `count` times more.
  void Look(int count) {
    for (int i = 0; i < count; ++i) {
      const int before = Asked();
      Notify(99);
      Until([&] { return Asked() > before; });
    }
  }
  template <typename Condition>
  void Until(const Condition& condition) {
    const base::MutexLock lock(wait_);
    for (int i = 0; i < 1'000 && !condition(); ++i) {
      (void)tick_.WaitFor(wait_, absl::Milliseconds(5));
    }
    EXPECT_TRUE(condition());
  }
  int Asked() {
    const base::MutexLock lock(mutex_);
    return asked_;
  }
  std::vector<NoticeItem> Heard() {
    const base::MutexLock lock(mutex_);
    return heard_;
  }
  std::optional<absl::Status> Ended() {
    const base::MutexLock lock(mutex_);
    return ended_;
  }

  base::Mutex mutex_;
  absl::StatusOr<UnreadNotices> answer_ ABSL_GUARDED_BY(mutex_) =
      UnreadNotices();
  std::map<BasisNoticeId, absl::StatusOr<NoticeView>> ones_
      ABSL_GUARDED_BY(mutex_);
  int asked_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<NoticeItem> heard_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> ended_ ABSL_GUARDED_BY(mutex_);
  base::Mutex wait_;
  base::ConditionVariable tick_;
  limpid::testing::FakeClock clock_{testing::kStart};
  // Last: its thread uses the others.
  NoticeHub hub_{clock_,
                 [this](const PersonId& person) {
                   EXPECT_EQ(person, kAnn);
                   const base::MutexLock lock(mutex_);
                   ++asked_;
                   return answer_;
                 },
                 [this](const PersonId& person, const BasisNoticeId& id) {
                   EXPECT_EQ(person, kAnn);
                   const base::MutexLock lock(mutex_);
                   const auto at = ones_.find(id);
                   return at != ones_.end() ? at->second
                                            : absl::NotFoundError("no such");
                 }};
};

TEST_F(NoticeHubTest, AHeartbeatSaysThatThereIsNothingUnread) {
  ASSERT_THAT(Listen(), IsOk());
  Until([&] { return Heard().size() == 1; });
  EXPECT_FALSE(Heard()[0].notice.has_value());
}

TEST_F(NoticeHubTest, AStoreThatCannotBeReadHasNoHeartbeat) {
  Store(absl::UnavailableError("away"));
  ASSERT_THAT(Listen(), IsOk());
  Look(2);
  clock_.Advance(absl::Minutes(1));
  Look(2);
  EXPECT_TRUE(Heard().empty());
  UnreadNotices unread;
  unread.notices.push_back(ViewOf(1));
  Store(unread);
  Until([&] { return !Heard().empty(); });
  ASSERT_TRUE(Heard()[0].notice.has_value());
  EXPECT_EQ(Heard()[0].notice->notice.id, IdOf<BasisNoticeId>(1));
  EXPECT_FALSE(Ended().has_value());
}

TEST_F(NoticeHubTest, DamageAndErasureEndTheStreamAndSayWhy) {
  for (const absl::Status& why :
       {absl::DataLossError("damaged"), absl::NotFoundError("erased")}) {
    Store(why);
    ASSERT_THAT(Listen(), IsOk());
    Until([&] { return hub_.subscription_count() == 0; });
    EXPECT_THAT(Ended().value(), StatusIs(why.code()));
    EXPECT_TRUE(Heard().empty());
  }
}

TEST_F(NoticeHubTest, WhatDoesNotOpenIsSaidOnceAndHoldsBackNothing) {
  UnreadNotices unread;
  unread.notices.push_back(ViewOf(1));
  unread.unreadable = 2;
  Store(unread);
  ASSERT_THAT(Listen(), IsOk());
  Until([&] { return Heard().size() == 2; });
  EXPECT_TRUE(Heard()[0].notice.has_value());
  EXPECT_FALSE(Heard()[1].notice.has_value());
  EXPECT_EQ(Heard()[1].unreadable, 2U);
  unread.notices.push_back(ViewOf(2));
  Store(unread);
  StoreOne(3, absl::DataLossError("does not open"));
  Notify(3);
  Until([&] { return Heard().size() == 3; });
  EXPECT_EQ(Heard()[2].notice->notice.id, IdOf<BasisNoticeId>(2));
  EXPECT_EQ(Heard()[2].unreadable, 0U);
}

TEST_F(NoticeHubTest, ANewNoticeIsReadAlone) {
  ASSERT_THAT(Listen(), IsOk());
  Until([&] { return Heard().size() == 1; });
  StoreOne(7, ViewOf(7));
  NoticeView read = ViewOf(8);
  read.notice.seen = 1;
  StoreOne(8, read);
  StoreOne(9, ViewOf(9));
  Notify(7);
  Until([&] { return Heard().size() == 2; });
  EXPECT_EQ(Heard()[1].notice->notice.id, IdOf<BasisNoticeId>(7));
  // Neither one that she heard of nor one that she has read already.
  Notify(7);
  Notify(8);
  Notify(9);
  Until([&] { return Heard().size() >= 3; });
  EXPECT_EQ(Heard()[2].notice->notice.id, IdOf<BasisNoticeId>(9));
  EXPECT_EQ(Heard().size(), 3U);
  EXPECT_EQ(Asked(), 1);
}

TEST_F(NoticeHubTest, ANewNoticeThatCannotBeReadIsLookedForAgain) {
  ASSERT_THAT(Listen(), IsOk());
  Until([&] { return Heard().size() == 1; });
  StoreOne(7, absl::UnavailableError("away"));
  Store(absl::UnavailableError("away"));
  Notify(7);
  Until([&] { return Asked() == 2; });
  UnreadNotices unread;
  unread.notices.push_back(ViewOf(7));
  Store(unread);
  Until([&] { return Heard().size() == 2; });
  EXPECT_EQ(Heard()[1].notice->notice.id, IdOf<BasisNoticeId>(7));
}

}  // namespace
}  // namespace limpid::consent

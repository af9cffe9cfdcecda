// What a person hears of her basis notices while she listens: first those she
// has not read, then each new one. A stream that ends loses nothing: what she
// has not acknowledged comes again with the next one.

#ifndef LIMPID_CONSENT_NOTICE_NOTICE_HUB_H_
#define LIMPID_CONSENT_NOTICE_NOTICE_HUB_H_

#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"
#include "consent/notice/basis_notice.h"

namespace limpid::consent {

// A notice with what it names; null where that is gone.
struct NoticeView {
  BasisNotice notice;
  ServicePointer service;
  AgreementPointer agreement;
};

// What a person has not read, as far as it can be read.
struct UnreadNotices {
  std::vector<NoticeView> notices;
  // Rows of hers that do not open.
  std::size_t unreadable = 0;
};

struct NoticeItem {
  absl::Time sent;
  // Absent in a heartbeat.
  std::optional<NoticeView> notice;
  // Not 0 in the heartbeat that says for the first time that so many of hers do
  // not open.
  std::size_t unreadable = 0;
};

// Takes one item; false ends the subscription. Called on the hub's thread, in
// order, one at a time.
using NoticeSink = std::function<bool(const NoticeItem&)>;
// Told why when the hub ends a subscription by itself. On the hub's thread, and
// nothing after it.
using NoticeEnd = std::function<void(const absl::Status&)>;

// Streams of one person at a time: her devices, not a way to fill the memory.
inline constexpr std::size_t kMaxNoticeStreams = 8;

// Thread-safe.
class NoticeHub {
 public:
  // The person's unread notices as the store has them.
  using Unread =
      std::function<absl::StatusOr<UnreadNotices>(const PersonId& person)>;
  // One notice of hers.
  using One = std::function<absl::StatusOr<NoticeView>(
      const PersonId& person, const BasisNoticeId& notice)>;

  // Starts a thread, which alone calls both: `unread` when a stream begins and
  // after a failure, `one` for each new notice. `clock` must outlive it.
  NoticeHub(const base::Clock& clock, Unread unread, One one);
  // Ends every subscription without a word.
  ~NoticeHub();
  NoticeHub(const NoticeHub&) = delete;
  NoticeHub& operator=(const NoticeHub&) = delete;

  // Calls `sink` for every unread notice, then for each new one, once each,
  // with heartbeats in between (kHeartbeat of watch_hub.h); the first heartbeat
  // comes at once when nothing is unread. A heartbeat says that she has heard
  // everything: there is none while the store cannot be read, which is tried
  // again.
  //
  // Errors:
  //   kResourceExhausted  kMaxNoticeStreams of hers are open.
  // Errors (to `ended`):
  //   kNotFound  the person was erased.
  //   kDataLoss  what is stored of her is damaged beyond single notices. Alarm.
  absl::Status Subscribe(const PersonId& person, NoticeSink sink,
                         NoticeEnd ended = nullptr);

  // A notice of the person was committed. Does not block.
  void Notify(const PersonId& person, const BasisNoticeId& notice);

  [[nodiscard]] std::size_t subscription_count() const;

 private:
  struct Subscription {
    PersonId person;
    NoticeSink sink;
    NoticeEnd ended;
    std::set<BasisNoticeId> sent;
    // As it was told.
    std::size_t unreadable = 0;
    absl::Duration last_sent = -absl::InfiniteDuration();
    // The store may have what nothing told of: all of it must be looked at.
    bool behind = true;
  };

  using NoticeIds = std::set<BasisNoticeId>;

  void Run();
  // All return false when it is over.
  bool Serve(Subscription& subscription, const NoticeIds& fresh) const;
  bool SendUnread(Subscription& subscription) const;
  bool SendFresh(Subscription& subscription, const NoticeIds& fresh) const;
  // Notice or heartbeat.
  bool Send(Subscription& subscription, const NoticeItem& item) const;

  const base::Clock& clock_;
  const Unread unread_;
  const One one_;
  mutable base::Mutex mutex_;
  base::ConditionVariable changed_;
  std::list<Subscription> arrived_ ABSL_GUARDED_BY(mutex_);
  // Of those who listen only.
  std::map<PersonId, NoticeIds> noticed_ ABSL_GUARDED_BY(mutex_);
  std::map<PersonId, std::size_t> streams_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_NOTICE_NOTICE_HUB_H_

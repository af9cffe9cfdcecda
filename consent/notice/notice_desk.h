// The basis notices of a person as she uses them: she lists, acknowledges and
// watches hers. Other people's are kNotFound.

#ifndef LIMPID_CONSENT_NOTICE_NOTICE_DESK_H_
#define LIMPID_CONSENT_NOTICE_NOTICE_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/consent.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"
#include "consent/notice/basis_notice.h"
#include "consent/notice/notice_hub.h"

namespace limpid::consent {

// Place in a list of notices.
struct NoticeCursor {
  absl::Time begin;
  BasisNoticeId notice;
};

struct NoticePage {
  // Newest first.
  std::vector<NoticeView> notices;
  // Rows met for this page, and for no other, that do not open. Alarm.
  std::size_t unreadable = 0;
  // Absent at the end.
  std::optional<NoticeCursor> next;
};

// Thread-safe, and cheap to make for one call.
class NoticeDesk {
 public:
  // `consent` must outlive it.
  explicit NoticeDesk(const Consent& consent) : state_(consent.state()) {}

  // Those with accesses she has not acknowledged, or all; behind `after` when
  // it is set, at most `limit`.
  absl::StatusOr<NoticePage> List(const PersonId& person, bool unread_only,
                                  std::optional<NoticeCursor> after,
                                  std::size_t limit) const;
  // She has read it as far as `count` accesses, the number she was shown, so
  // that none is acknowledged which came in between. Durable on return; a
  // smaller number than before changes nothing.
  //
  // Errors:
  //   kInvalidArgument  access_count: 0, or more than there were.
  //   kNotFound         no such notice of hers.
  absl::StatusOr<NoticeView> Acknowledge(const PersonId& person,
                                         const BasisNoticeId& notice,
                                         std::uint64_t count);
  // See notice_hub.h. Does not block.
  absl::Status Watch(const PersonId& person, NoticeSink sink,
                     NoticeEnd ended = nullptr);

 private:
  Consent::State& state_;
};

// For the hub: those of the person that she has not read, newest first. Opens
// none that she is known to have read.
absl::StatusOr<UnreadNotices> ReadUnread(Consent::State& state,
                                         const PersonId& person);
// One of hers.
//
// Errors:
//   kNotFound  she has no such notice, or was erased.
//   kDataLoss  it does not open.
absl::StatusOr<NoticeView> ReadNotice(Consent::State& state,
                                      const PersonId& person,
                                      const BasisNoticeId& id);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_NOTICE_NOTICE_DESK_H_

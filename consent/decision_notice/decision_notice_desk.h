// Decision notices as services send and persons read them. Other people's, and
// other services' records, are kNotFound.

#ifndef LIMPID_CONSENT_DECISION_NOTICE_DECISION_NOTICE_DESK_H_
#define LIMPID_CONSENT_DECISION_NOTICE_DECISION_NOTICE_DESK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "consent/consent.h"
#include "consent/decision_notice/decision_notice.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"

namespace limpid::consent {

struct DecisionNoticeView {
  DecisionNotice notice;
  // Null where it is gone.
  ServicePointer service;
};

// Place in a list.
struct DecisionNoticeCursor {
  // notice_places.h
  std::uint64_t place = 0;
  DecisionNoticeId notice;
};

struct DecisionNoticePage {
  // Newest first.
  std::vector<DecisionNoticeView> notices;
  // Rows of hers that do not open. Alarm.
  std::size_t unreadable = 0;
  // Absent at the end.
  std::optional<DecisionNoticeCursor> next;
};

// Thread-safe, and cheap to make for one call.
class DecisionNoticeDesk {
 public:
  // `consent` must outlive it.
  explicit DecisionNoticeDesk(const Consent& consent)
      : state_(consent.state()) {}

  // Keeps the notice for the person of `record`, which the service has or had
  // an answer to. Durable on return. The same request id with the same content
  // answers the same.
  //
  // Errors:
  //   kInvalidArgument     CheckDecisionContent; deployment_id: the register
  //                        does not have this version of it.
  //   kNotFound            no such record of the service.
  //   kPermissionDenied    the register has the deployment as another
  //                        publisher's (AlgorithmRegister::FindDeployment).
  //   kFailedPrecondition  the record was never granted; or no register is
  //                        here.
  //   kAlreadyExists       the request id was used for another notice.
  //   kResourceExhausted   CheckRoom.
  absl::StatusOr<DecisionNoticeId> Send(const ServiceId& service,
                                        const RecordId& record,
                                        const base::ByteArray<16>& request,
                                        const DecisionContent& content) const;

  // Behind `after` when it is set, at most `limit`.
  absl::StatusOr<DecisionNoticePage> List(
      const PersonId& person, std::optional<DecisionNoticeCursor> after,
      std::size_t limit) const;
  // Errors:
  //   kNotFound  no such notice of hers.
  //   kDataLoss  it does not open. Alarm.
  absl::StatusOr<DecisionNoticeView> Get(const PersonId& person,
                                         const DecisionNoticeId& notice) const;
  // She has read it. Durable on return; a second call changes nothing. The
  // service is not told.
  //
  // Errors: those of Get.
  absl::StatusOr<DecisionNoticeView> Acknowledge(
      const PersonId& person, const DecisionNoticeId& notice) const;

 private:
  Consent::State& state_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DECISION_NOTICE_DECISION_NOTICE_DESK_H_

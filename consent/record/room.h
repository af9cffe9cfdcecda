// How much of one person is kept: records, and revisions of a record. All of
// hers are looked through, on the one thread that decides for everybody, when
// she binds a request or ends a delegation. What ends or narrows a permission
// always finds room.

#ifndef LIMPID_CONSENT_RECORD_ROOM_H_
#define LIMPID_CONSENT_RECORD_ROOM_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "consent/ledger/store.h"
#include "consent/record/revision.h"
#include "consent/record/state.h"

namespace limpid::consent {

// Records of one person that are not over: far more than anybody answers.
inline constexpr std::size_t kMaxOpenRecords = 1'000;
// The same with those that are over, which stay readable.
inline constexpr std::size_t kMaxRecords = 5'000;
// Revisions of one record after which it is resumed no more.
inline constexpr std::uint64_t kMaxRevisions = 1'000;
// By how much a narrowing that takes no line away shortens it then.
inline constexpr absl::Duration kLeastShortening = absl::Hours(24);

// Whether a person with these rows of records may get one more. What has not
// been written yet of the clock's ends counts as open.
//
// Errors:
//   kResourceExhausted  she has kMaxOpenRecords or kMaxRecords.
absl::Status CheckRoomForRecord(std::span<const PersonalRow> records);

// Whether `next`, which `event` makes of `current`, may be written.
//
// Errors:
//   kResourceExhausted  the record has kMaxRevisions, and `next` resumes it, or
//                       shortens it by less than kLeastShortening and takes no
//                       line away.
absl::Status CheckRoomForRevision(const Revision& current, const Revision& next,
                                  RecordEvent event);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECORD_ROOM_H_

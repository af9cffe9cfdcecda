// Where decision notices stand among a person's: the key of a row says when it
// came and, blinded, who sent it. So they are counted and put in order without
// a payload being read. docs/formats/decision-notice.md

#ifndef LIMPID_CONSENT_DECISION_NOTICE_NOTICE_PLACES_H_
#define LIMPID_CONSENT_DECISION_NOTICE_NOTICE_PLACES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/decision_notice/decision_notice.h"
#include "consent/ids.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// To one person within a day: of one service, and of all. Four services can
// take a day from the others; tomorrow helps.
inline constexpr std::size_t kMaxServiceNoticesADay = 50;
inline constexpr std::size_t kMaxDecisionNoticesADay = 200;
// To one person ever: one a month of a service for forty years, and of all what
// is counted in a few milliseconds.
inline constexpr std::size_t kMaxServiceNotices = 500;
inline constexpr std::size_t kMaxDecisionNotices = 2'000;
// So that no services take the others' room for ever: one with fewer than the
// first has room for it beyond kMaxDecisionNotices, while all are fewer than
// the second.
inline constexpr std::size_t kReservedServiceNotices = 10;
inline constexpr std::size_t kMaxNoticesWithReserved = 4'000;

// Milliseconds of `received` and 21 bits that stand for the sender, the same
// for all of its notices to her. Later ones are greater.
std::uint64_t NoticePlace(const Blinder& blinder, const PersonId& person,
                          const ServiceId& service, absl::Time received);

// Keys of all of hers, the newest first. At most
// kMaxNoticesWithReserved.
//
// Errors: those of the store.
absl::StatusOr<std::vector<RowKey>> NoticeKeys(const LedgerStore& store,
                                               std::uint16_t shard,
                                               const PersonId& person);

// The row of one, whatever its place.
absl::StatusOr<std::optional<PersonalRow>> FindNotice(
    const LedgerStore& store, std::uint16_t shard, const PersonId& person,
    const DecisionNoticeId& notice);

// Whether there is room for one more that would stand at `place`.
//
// Errors:
//   kResourceExhausted  one of the bounds; the message says whether tomorrow
//                       helps, and not how many others sent.
absl::Status CheckRoom(const std::vector<RowKey>& keys, std::uint64_t place);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DECISION_NOTICE_NOTICE_PLACES_H_

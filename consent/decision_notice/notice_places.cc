#include "consent/decision_notice/notice_places.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "common/base/status_macros.h"

namespace limpid::consent {
namespace {

// Separates these blinded values from others.
constexpr std::uint8_t kSenderBlind = 115;
// With 42 bits of milliseconds, up to the year 2109, no sign is touched.
constexpr unsigned kSenderBits = 21;
constexpr std::uint64_t kSenderMask = (std::uint64_t{1} << kSenderBits) - 1;
constexpr std::int64_t kDayMs = std::int64_t{24} * 60 * 60 * 1'000;
constexpr std::size_t kKeysPerPage = 512;

std::int64_t MillisecondsOf(std::uint64_t place) {
  return static_cast<std::int64_t>(place >> kSenderBits);
}

bool IsNewer(const RowKey& left, const RowKey& right) {
  return std::tie(left.sequence, left.id) > std::tie(right.sequence, right.id);
}

}  // namespace

std::uint64_t NoticePlace(const Blinder& blinder, const PersonId& person,
                          const ServiceId& service, absl::Time received) {
  const RowId blinded =
      blinder.Blind(kSenderBlind, {person.bytes(), service.bytes()});
  std::uint64_t sender = 0;
  for (const std::uint8_t byte : base::ByteView(blinded).first(3)) {
    sender = sender << 8U | byte;
  }
  const auto ms = static_cast<std::uint64_t>(absl::ToUnixMillis(received));
  return ms << kSenderBits | (sender & kSenderMask);
}

absl::StatusOr<std::vector<RowKey>> NoticeKeys(const LedgerStore& store,
                                               std::uint16_t shard,
                                               const PersonId& person) {
  std::vector<RowKey> out;
  RowKey after{shard, person, RowKind::kDecisionNotice, RowId{}, 0};
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto keys,
                            store.ListPerson(after, kKeysPerPage));
    more = keys.size() == kKeysPerPage;
    for (const RowKey& key : keys) {
      // Rows of further kinds stand behind them.
      more = more && key.kind == RowKind::kDecisionNotice;
      if (key.kind == RowKind::kDecisionNotice) out.push_back(key);
    }
    if (more) after = keys.back();
  }
  std::sort(out.begin(), out.end(), IsNewer);
  return out;
}

absl::StatusOr<std::optional<PersonalRow>> FindNotice(
    const LedgerStore& store, std::uint16_t shard, const PersonId& person,
    const DecisionNoticeId& notice) {
  constexpr auto kBehindAll =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  LIMPID_ASSIGN_OR_RETURN(
      auto rows, store.ListDown({shard, person, RowKind::kDecisionNotice,
                                 notice.bytes(), kBehindAll},
                                1));
  if (rows.empty()) return std::optional<PersonalRow>();
  return std::optional(std::move(rows.front()));
}

absl::Status CheckRoom(const std::vector<RowKey>& keys, std::uint64_t place) {
  const std::uint64_t sender = place & kSenderMask;
  const std::int64_t since = MillisecondsOf(place) - kDayMs;
  std::size_t of_sender = 0;
  std::size_t today = 0;
  std::size_t of_sender_today = 0;
  for (const RowKey& key : keys) {
    const bool is_of_sender =
        key.sequence != 0 && (key.sequence & kSenderMask) == sender;
    const bool is_recent = MillisecondsOf(key.sequence) > since;
    if (is_of_sender) ++of_sender;
    if (is_recent) ++today;
    if (is_of_sender && is_recent) ++of_sender_today;
  }
  const std::size_t room = of_sender < kReservedServiceNotices
                               ? kMaxNoticesWithReserved
                               : kMaxDecisionNotices;
  if (of_sender >= kMaxServiceNotices || keys.size() >= room) {
    return absl::ResourceExhaustedError(
        "no more decision notices are kept for this person, and none is taken "
        "later either; tell her in another way");
  }
  if (of_sender_today >= kMaxServiceNoticesADay ||
      today >= kMaxDecisionNoticesADay) {
    return absl::ResourceExhaustedError(
        "no more decision notices are taken for this person today; try again "
        "tomorrow");
  }
  return absl::OkStatus();
}

}  // namespace limpid::consent

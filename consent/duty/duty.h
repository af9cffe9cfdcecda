// A deletion duty: what a service must delete, by when, and what it said. A
// value; knows neither who may see it nor how it is stored beyond its own
// bytes. docs/formats/deletion-duty.md

#ifndef LIMPID_CONSENT_DUTY_DUTY_H_
#define LIMPID_CONSENT_DUTY_DUTY_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "consent/ids.h"

namespace limpid::consent {

struct DutyTag {
  static constexpr std::string_view kPrefix = "dty";
};
using DutyId = base::Id<DutyTag>;

// A withdrawal gives the service what is left of the agreed retention, but
// never more than a month (GDPR Art. 12(3)) nor less than a day.
inline constexpr absl::Duration kMinDutyTime = absl::Hours(24);
inline constexpr absl::Duration kMaxDutyTime = absl::Hours(24 * 30);
// After the end of the agreed retention only the confirmation is still to come.
inline constexpr absl::Duration kConfirmTime = absl::Hours(24 * 7);
// Read by a person.
inline constexpr std::size_t kMaxExplanationBytes = 1'024;

// Stored: append, never renumber.
enum class DutyState : std::uint8_t {
  // The agreed retention still runs.
  kScheduled = 1,
  kOpen = 2,
  kOverdue = 3,
  // The service says that it has deleted.
  kAcknowledged = 4,
  // The service says that the law lets it keep the data.
  kRefused = 5,
};

// Why there is a duty. Stored: append, never renumber.
enum class DutyCause : std::uint8_t {
  kWithdrawn = 1,
  kRevoked = 2,
  kExpired = 3,
  kInvalidated = 4,
  kTerminated = 5,
  kNarrowed = 6,
  // The agreed retention of a release ended.
  kDataLife = 7,
};

// The grounds on which GDPR Art. 17 lets data be kept; no others are taken.
// Stored: append, never renumber.
enum class RefusalReason : std::uint8_t {
  // 17(3)(a)
  kFreedomOfExpression = 1,
  // 17(3)(b)
  kLegalObligation = 2,
  // 17(3)(c)
  kPublicHealth = 3,
  // 17(3)(d)
  kArchivingOrResearch = 4,
  // 17(3)(e)
  kLegalClaims = 5,
  // 17(1)(b): another legal ground for the processing.
  kOtherLegalGround = 6,
};

struct Duty {
  DutyId id;
  RecordId record;
  // Revision that caused it; the one released under for kDataLife.
  std::uint32_t revision = 0;
  ServiceId service;
  Pseudonym pseudonym{};
  AgreementId agreement;
  std::uint32_t agreement_version = 0;
  DutyCause cause = DutyCause::kWithdrawn;
  // As last written; StateAt says what the clock has made of it.
  DutyState state = DutyState::kOpen;
  // Names of what must go.
  std::vector<std::string> attributes;
  absl::Time created = absl::UnixEpoch();
  absl::Time opens = absl::UnixEpoch();
  absl::Time due = absl::UnixEpoch();
  // When the service answered; the epoch before.
  absl::Time answered = absl::UnixEpoch();
  // Set when refused.
  std::optional<RefusalReason> refusal;
  // The service's words.
  std::string explanation;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one duty.
  static absl::StatusOr<Duty> Decode(base::ByteView bytes);

  friend bool operator==(const Duty&, const Duty&) = default;
};

// Whether the service has not answered yet.
[[nodiscard]] bool IsUnanswered(DutyState state);

// Its state at `now`: open or overdue as soon as the time has come, before
// anything was written.
[[nodiscard]] DutyState StateAt(const Duty& duty, absl::Time now);

// When its written state is next outdated by the clock; none once it is overdue
// or answered.
[[nodiscard]] std::optional<absl::Time> NextLook(const Duty& duty);

// How long the service has after an end or a narrowing.
[[nodiscard]] absl::Duration DutyTime(std::uint32_t retention_days);

// Errors:
//   kInvalidArgument  "reason: ..." or "explanation: ...".
absl::Status CheckRefusal(RefusalReason reason, std::string_view explanation);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DUTY_DUTY_H_

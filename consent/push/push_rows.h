// What is stored of pushing beside the stream itself: where a service wants its
// events, how far it has them, and those it would not take. Values with their
// bytes; sealed like every public row. docs/formats/push.md

#ifndef LIMPID_CONSENT_PUSH_PUSH_ROWS_H_
#define LIMPID_CONSENT_PUSH_PUSH_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "consent/ids.h"
#include "consent/ledger/sealing.h"
#include "consent/ledger/store.h"
#include "consent/push/push_failure.h"

namespace limpid::consent {

// Deliveries whose time is kept: what a person may look at right after.
inline constexpr std::size_t kRecentDeliveries = 64;
// Earlier registrations that are remembered.
inline constexpr std::size_t kMaxPushSpans = 32;

struct PushEndpoint {
  ServiceId service;
  // By an administrator; what endpoints must be on.
  std::string origin;
  // SHA-256 of her SubjectPublicKeyInfo; zero if not known.
  base::Digest32 set_by{};
  absl::Time origin_set = absl::UnixEpoch();
  // By the service; empty for none.
  std::string url;
  absl::Time registered = absl::UnixEpoch();
  // One more with every change of `url`.
  std::uint32_t generation = 0;

  [[nodiscard]] bool active() const { return !url.empty(); }
  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one endpoint.
  static absl::StatusOr<PushEndpoint> Decode(base::ByteView bytes);

  friend bool operator==(const PushEndpoint&, const PushEndpoint&) = default;
};

// The event behind the cursor, when it has failed.
struct PushTrouble {
  // Failures in a row, over all events.
  std::uint32_t series = 0;
  // Of this event.
  std::uint32_t attempts = 0;
  // When the series began.
  absl::Time since = absl::UnixEpoch();
  absl::Time next = absl::UnixEpoch();
  PushVerdict verdict;

  friend bool operator==(const PushTrouble&, const PushTrouble&) = default;
};

struct PushDelivered {
  std::uint64_t position = 0;
  absl::Time time = absl::UnixEpoch();

  friend bool operator==(const PushDelivered&, const PushDelivered&) = default;
};

// Positions in (since, through].
struct PushSpan {
  std::uint64_t since = 0;
  std::uint64_t through = 0;

  friend bool operator==(const PushSpan&, const PushSpan&) = default;
};

struct PushProgress {
  ServiceId service;
  // The newest event at registration: later ones are pushed.
  std::uint64_t since = 0;
  // Everything up to it is acknowledged, a dead letter, or gone.
  std::uint64_t cursor = 0;
  std::optional<PushTrouble> trouble;
  // Ascending, the newest kRecentDeliveries.
  std::vector<PushDelivered> recent;
  // Earlier registrations, oldest first.
  std::vector<PushSpan> past;

  // Notes an acknowledgement; the oldest one is forgotten.
  void Remember(const PushDelivered& delivered);
  // Ends the present registration and begins one behind `newest`.
  void Begin(std::uint64_t newest);

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one progress.
  static absl::StatusOr<PushProgress> Decode(base::ByteView bytes);

  friend bool operator==(const PushProgress&, const PushProgress&) = default;
};

// Stored: append, never renumber.
enum class LetterState : std::uint8_t {
  kDead = 1,
  // An administrator wants it sent again.
  kRequeued = 2,
  kAcknowledged = 3,
  // The person was erased.
  kGone = 4,
};

// An event that was given up.
struct PushLetter {
  ServiceId service;
  std::uint64_t position = 0;
  LetterState state = LetterState::kDead;
  PushVerdict verdict;
  std::uint32_t attempts = 0;
  // Of the last attempt.
  absl::Time last = absl::UnixEpoch();

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one letter.
  static absl::StatusOr<PushLetter> Decode(base::ByteView bytes);

  friend bool operator==(const PushLetter&, const PushLetter&) = default;
};

// The rows that store them, sealed.
PublicRow RowOf(const base::SecretBytes& row_key, const PushEndpoint& endpoint);
PublicRow RowOf(const base::SecretBytes& row_key, const Blinder& blinder,
                const PushProgress& progress);
PublicRow RowOf(const base::SecretBytes& row_key, const Blinder& blinder,
                const PushLetter& letter);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_ROWS_H_

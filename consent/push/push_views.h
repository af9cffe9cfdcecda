// What consent answers about pushing: plain values for the edges.

#ifndef LIMPID_CONSENT_PUSH_PUSH_VIEWS_H_
#define LIMPID_CONSENT_PUSH_PUSH_VIEWS_H_

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "consent/ledger/catalogue.h"
#include "consent/push/push_book.h"
#include "consent/push/push_rows.h"
#include "consent/record/state.h"

namespace limpid::consent {

struct PushEndpointView {
  PushEndpoint endpoint;
  std::optional<PushTrouble> trouble;
  std::uint64_t dead_letter_count = 0;
};

struct PushLetterView {
  PushLetter letter;
  // Null when the service is gone.
  ServicePointer service;
};

// How far one event has come. Sent: append, never renumber.
enum class DeliveryState : std::uint8_t {
  // The service had no endpoint when it happened; it may have watched.
  kNotPushed = 1,
  kPending = 2,
  // At least one attempt failed; another will come.
  kFailing = 3,
  kDelivered = 4,
  // Given up.
  kDeadLetter = 5,
};

struct Delivery {
  DeliveryState state = DeliveryState::kNotPushed;
  // When it was acknowledged; none for an older delivery.
  std::optional<absl::Time> delivered;
  // Failed attempts so far.
  std::uint32_t attempts = 0;
  std::optional<absl::Time> next;
  // Of the last attempt.
  PushVerdict verdict;

  friend bool operator==(const Delivery&, const Delivery&) = default;
};

// What is known of the event at `position`, when it is not the one that fails;
// `letter` is its letter, if it has one.
Delivery DeliveryAt(std::uint64_t position, const PushEntry& entry,
                    const std::optional<PushLetter>& letter);

struct DeliveryView {
  std::uint32_t revision = 0;
  // That the record entered with the event.
  RecordState entered = RecordState::kRequested;
  absl::Time time = absl::UnixEpoch();
  Delivery delivery;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PUSH_PUSH_VIEWS_H_

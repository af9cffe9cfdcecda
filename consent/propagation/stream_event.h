// Something that happened to a record, as its service hears of it. Sealed under
// the person's key at rest, so that erasing her erases it.

#ifndef LIMPID_CONSENT_PROPAGATION_STREAM_EVENT_H_
#define LIMPID_CONSENT_PROPAGATION_STREAM_EVENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/ids.h"
#include "consent/record/state.h"

namespace limpid::consent {

struct StreamEvent {
  RecordId record;
  Pseudonym pseudonym{};
  RecordState state = RecordState::kRequested;
  // From 1; 0 when the person was erased.
  std::uint32_t revision = 0;
  absl::Time time = absl::UnixEpoch();
  AgreementId agreement;
  std::uint32_t agreement_version = 0;
  // In force after the event; empty unless granted.
  std::vector<std::string> attributes;

  // The record's person was erased; then it says no more than record, state and
  // time. docs/formats/account-erasure.md
  [[nodiscard]] bool erased() const { return revision == 0; }

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one event.
  static absl::StatusOr<StreamEvent> Decode(base::ByteView bytes);

  friend bool operator==(const StreamEvent&, const StreamEvent&) = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_PROPAGATION_STREAM_EVENT_H_

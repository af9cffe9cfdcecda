// What is counted of refused reads between two entries of a person's log, so
// that asking without end cannot fill it.
// docs/formats/denial-tally.md

#ifndef LIMPID_CONSENT_LOG_DENIAL_TALLY_H_
#define LIMPID_CONSENT_LOG_DENIAL_TALLY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"

namespace limpid::consent {

// Refused reads of one record by one service that share one entry.
inline constexpr absl::Duration kDenialWindow = absl::Minutes(1);
// Attributes that a tally remembers; further ones are only counted.
inline constexpr std::size_t kMaxTallyLines = 64;

struct DenialTally {
  ServiceId service;
  // As it was asked for: it need not exist.
  RecordId record;
  // The first refusal, which has an entry of its own.
  absl::Time begin = absl::InfinitePast();
  AccessId access;
  base::Digest32 commitment{};
  receipt::LegalBasis basis = receipt::LegalBasis::kConsent;
  // Refusals since the first, and what they asked for.
  std::uint64_t count = 0;
  // Empty when they differ.
  std::string purpose;
  // Each attribute once, with the reason of its last refusal.
  std::vector<receipt::AccessLine> lines;

  // Whether a refusal at `time` is counted rather than entered.
  [[nodiscard]] bool CountsAt(absl::Time time) const {
    return time < begin + kDenialWindow;
  }
  void Count(const std::string& asked_purpose,
             const std::vector<receipt::AccessLine>& refused);

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one tally.
  static absl::StatusOr<DenialTally> Decode(base::ByteView bytes);

  friend bool operator==(const DenialTally&, const DenialTally&) = default;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LOG_DENIAL_TALLY_H_

// A standing permission as consent keeps it. Knows no store and no clock.
// docs/formats/standing-permission.md

#ifndef LIMPID_CONSENT_STANDING_PERMISSION_H_
#define LIMPID_CONSENT_STANDING_PERMISSION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/standing.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// PersonalRow::state of one that was ended: it need not be opened to know that
// it grants nothing. Stored, in clear.
inline constexpr std::uint8_t kStandingEnded = 1;

struct HeldStanding {
  StandingId id;
  // What was signed, and the same read.
  std::string canonical_json;
  receipt::StandingPermission terms;
  base::ByteArray<64> signature{};
  absl::Time created = absl::UnixEpoch();
  // The epoch while it was not ended.
  absl::Time ended = absl::UnixEpoch();

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one standing permission.
  static absl::StatusOr<HeldStanding> Decode(base::ByteView bytes);

  friend bool operator==(const HeldStanding&, const HeldStanding&) = default;
};

// First 16 bytes of SHA-256 over what is signed: the same text is the same
// permission, so that one that was ended cannot be replayed.
StandingId StandingIdOf(std::string_view canonical_json);

RowKey StandingRowKey(std::uint16_t shard, const PersonId& person,
                      const StandingId& permission);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STANDING_PERMISSION_H_

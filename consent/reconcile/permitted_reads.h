// Which reads consent permitted in a period, for the operator who compares them
// with what vaults released: never whose, by whom or of what.
// docs/formats/release-trail.md

#ifndef LIMPID_CONSENT_RECONCILE_PERMITTED_READS_H_
#define LIMPID_CONSENT_RECONCILE_PERMITTED_READS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "consent/consent.h"

namespace limpid::consent {

// Numbers of limpid.consent.v1.PermittedState.
enum class PermittedState : std::uint8_t {
  kShown = 1,
  // At the person's request, or with her account; what it was is not known.
  kErased = 2,
  // Does not open, or is not what its commitment stands for.
  kMissing = 3,
};

struct PermittedRead {
  PermittedState state = PermittedState::kMissing;
  // Millisecond precision.
  absl::Time time;
  // What follows is of shown ones.
  base::ByteArray<16> access{};
  // receipt::PermittedCount and receipt::PermittedLines of the entry.
  std::uint16_t permitted = 0;
  base::Digest32 lines{};
  // When a later act within the period fenced the record.
  std::optional<absl::Time> fenced;
  base::Digest32 commitment{};
  // In commit order over all persons; not for anybody's eyes.
  std::uint64_t position = 0;
};

// from <= time < until; until is not in the future.
struct PermittedPeriod {
  absl::Time from;
  absl::Time until;

  friend bool operator==(const PermittedPeriod&,
                         const PermittedPeriod&) = default;
};

// What a listing is sorted by: random access ids, and keyed hashes of what has
// none.
using PermittedOrder = base::ByteArray<16>;
inline constexpr std::size_t kMaxPermittedReads = 50'000;

struct PermittedPart {
  std::vector<PermittedRead> reads;
  // Where the next part begins; none at the end.
  std::optional<PermittedOrder> next_after;
};
using PermittedListing = std::shared_ptr<const PermittedPart>;

// Thread-safe.
class PermittedBook {
 public:
  // How long a part is kept for its next pages.
  static constexpr absl::Duration kKept = absl::Minutes(10);

  // `consent` must outlive it. A part has `most` entries at most.
  explicit PermittedBook(Consent& consent,
                         std::size_t most = kMaxPermittedReads)
      : consent_(consent), most_(most) {}

  // The entries of the period behind `after`, or from the beginning, those
  // under embargo like all others. One part is made at a time, and reads every
  // entry of the store, some seconds for each million, beside the sequencer.
  //
  // Errors:
  //   kInvalidArgument    an end before the beginning, or in the future.
  //   kResourceExhausted  another part is being made.
  absl::StatusOr<PermittedListing> List(
      const PermittedPeriod& period,
      std::optional<PermittedOrder> after = std::nullopt);

  // Text of the proof that the public log has the entry; empty before its tick.
  absl::StatusOr<std::string> Prove(const PermittedRead& read) const;

 private:
  Consent& consent_;
  const std::size_t most_;
  base::Mutex mutex_;
  bool making_ ABSL_GUARDED_BY(mutex_) = false;
  PermittedPeriod period_ ABSL_GUARDED_BY(mutex_);
  std::optional<PermittedOrder> after_ ABSL_GUARDED_BY(mutex_);
  absl::Time made_ ABSL_GUARDED_BY(mutex_);
  PermittedListing listing_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RECONCILE_PERMITTED_READS_H_

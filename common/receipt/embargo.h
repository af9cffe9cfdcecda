// What a visible entry of a person's log commits to about accesses under
// embargo, and how it is opened to her, date by date, without a word about what
// is not told yet. docs/formats/embargo.md

#ifndef LIMPID_COMMON_RECEIPT_EMBARGO_H_
#define LIMPID_COMMON_RECEIPT_EMBARGO_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"

namespace limpid::receipt {

// No access is told of later than so many days after it: the longest that an
// agreement may name, a year.
inline constexpr std::uint16_t kMaxEmbargoDays = 366;

// When an access at `time` is told of, to the millisecond of its entry.
absl::Time EmbargoUntil(absl::Time time, std::uint16_t days);

// SHA-256 of what an entry under embargo stands under. It is in the entry's own
// embargo field, and so under the commitment that the public log got at once.
// `log` names the chain of the person's entries of so many days.
base::Digest32 EmbargoTerms(const base::ByteArray<16>& log, std::uint16_t days,
                            absl::Time until);

// An entry under embargo as a visible one commits to it.
struct EmbargoItem {
  absl::Time until;
  base::Digest32 commitment{};

  friend bool operator==(const EmbargoItem&, const EmbargoItem&) = default;
};

// One layer of a commitment: what it says, and what it opens with.
struct EmbargoStep {
  base::ByteArray<32> opening{};
  base::Bytes message;

  friend bool operator==(const EmbargoStep&, const EmbargoStep&) = default;
};

// 32 bytes for each layer, from 0 at the outside; the same at each call.
using EmbargoOpenings =
    absl::FunctionRef<base::ByteArray<32>(std::uint32_t layer)>;

// The embargo field of a visible entry. `items` are by their dates, the first
// outermost; none at all gives a commitment of the same look.
base::Digest32 CommitEmbargo(std::span<const EmbargoItem> items,
                             EmbargoOpenings openings);

// The layers of the first `count` items, and of the end with `to_end`, which
// goes with all of them.
std::vector<EmbargoStep> OpenEmbargo(std::span<const EmbargoItem> items,
                                     EmbargoOpenings openings,
                                     std::size_t count, bool to_end);

// What the steps show of a commitment.
struct OpenedEmbargo {
  // By their dates.
  std::vector<EmbargoItem> items;
  // There is nothing else: the end was shown.
  bool complete = false;
};

// Errors:
//   kDataLoss  a step does not open what the one before it, or the commitment,
//              says; a message is malformed; or a date is before the last.
absl::StatusOr<OpenedEmbargo> VerifyEmbargo(const base::Digest32& embargo,
                                            std::span<const EmbargoStep> steps);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_EMBARGO_H_

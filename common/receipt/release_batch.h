// What a vault keeps of its own about the values it let go: notes in batches,
// each of which follows the one before and stands in the vault's signed log. An
// operator compares them with consent's access entries. No value, no attribute
// and no person is in a note. docs/formats/release-trail.md

#ifndef LIMPID_COMMON_RECEIPT_RELEASE_BATCH_H_
#define LIMPID_COMMON_RECEIPT_RELEASE_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/permit.h"

namespace limpid::receipt {

// Most notes of one batch: 24 kB.
inline constexpr std::size_t kMaxReleaseNotes = 256;

// One release: values were handed to the network under a permit.
struct ReleaseNote {
  // The access entry that the permit names.
  base::ByteArray<16> access{};
  // On the vault's wall clock, milliseconds.
  absl::Time handed_over;
  // On the vault's monotonic clock, from sending the question to consent until
  // the bytes were handed over; whole milliseconds, rounded up.
  absl::Duration elapsed;
  // The permit's own.
  absl::Duration lease;
  // Lines of the permit, and those among them that left with a value.
  std::uint16_t permitted = 0;
  std::uint16_t released = 0;
  // PermittedLines of the permit.
  base::Digest32 lines{};

  friend bool operator==(const ReleaseNote&, const ReleaseNote&) = default;
};

struct ReleaseBatch {
  // The vault's.
  base::ByteArray<16> source{};
  // Of this vault, from 1 without gaps.
  std::uint64_t number = 0;
  // DigestOf the batch before; zero for number 1.
  base::Digest32 previous{};
  // 1 to kMaxReleaseNotes, in the order of handing over.
  std::vector<ReleaseNote> notes;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one batch, no note or too many, a number
  //                     out of range.
  static absl::StatusOr<ReleaseBatch> Decode(base::ByteView bytes);

  friend bool operator==(const ReleaseBatch&, const ReleaseBatch&) = default;
};

// SHA-256 of an encoded batch: the body of its act in the vault's log.
base::Digest32 DigestOf(base::ByteView encoded_batch);

// What was permitted, as one digest: attribute, form, derivation and parameters
// of each line, in whatever order they come.
base::Digest32 PermittedLines(std::span<const PermitLine> lines);
// The same of the lines that an entry says were released.
base::Digest32 PermittedLines(const AccessEntry& entry);
// How many those are.
std::uint16_t PermittedCount(const AccessEntry& entry);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_RELEASE_BATCH_H_

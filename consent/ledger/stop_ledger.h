// The stop ledger: everything that ended or narrowed a permission, outside the
// backup set, so that an older store put back cannot revive it.
// docs/formats/stop-ledger.md

#ifndef LIMPID_CONSENT_LEDGER_STOP_LEDGER_H_
#define LIMPID_CONSENT_LEDGER_STOP_LEDGER_H_

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::consent {

// Stored: append, never renumber.
enum class StopKind : std::uint8_t {
  kWithdrawn = 1,
  kPaused = 2,
  kRevoked = 3,
  kNarrowed = 4,
  kErased = 5,
  kExhausted = 6,
  kInvalidated = 7,
  kSuperseded = 8,
  kTerminated = 9,
  // The content of one entry of a person's log.
  kEntryErased = 10,
  // A consent that came from another operator: it comes once.
  kMovedIn = 11,
};

struct StopEntry {
  // From 1, without gaps.
  std::uint64_t sequence = 0;
  StopKind kind = StopKind::kWithdrawn;
  // The record; the person for kErased and kEntryErased; the blinded move for
  // kMovedIn.
  base::ByteArray<16> subject{};
  // Of the record; the entry's number for kEntryErased; 0 for kMovedIn.
  std::uint32_t revision = 0;
  absl::Time time;

  friend bool operator==(const StopEntry&, const StopEntry&) = default;
};

// Used by one thread, the sequencer's.
class StopLedger {
 public:
  virtual ~StopLedger() = default;
  StopLedger(const StopLedger&) = delete;
  StopLedger& operator=(const StopLedger&) = delete;

  // Sequence of the last entry, 0 when there is none.
  [[nodiscard]] virtual std::uint64_t last() const = 0;
  // There was no ledger, and nobody has said Settle since: not even in an
  // earlier start that failed.
  [[nodiscard]] virtual bool fresh() const = 0;
  // What a lost ledger asks for has been done. Durable on return.
  //
  // Errors:
  //   kUnavailable  the disk failed; fresh() stays.
  virtual absl::Status Settle() = 0;
  // Gives the entries behind `after` to `visit`, in order. Costs as much as the
  // whole ledger is long: for a start, not for a call. The first error of
  // `visit` ends it and is returned.
  //
  // Errors: those of `visit`, and
  //   kDataLoss     the ledger is not what it was.
  //   kUnavailable  the disk failed, now or at an Append before.
  virtual absl::Status ForEach(
      std::uint64_t after,
      absl::FunctionRef<absl::Status(const StopEntry& entry)> visit) const = 0;
  // Whether there is an entry of kMovedIn about `move`. Costs no look at the
  // disk.
  [[nodiscard]] virtual bool MovedIn(const base::ByteArray<16>& move) const = 0;
  // Durable on return. Sequences go on from last(). After an error every later
  // call fails: what is on the disk is not known.
  //
  // Errors:
  //   kInvalidArgument     a sequence leaves a gap.
  //   kUnavailable         the disk failed.
  virtual absl::Status Append(std::span<const StopEntry> entries) = 0;

 protected:
  StopLedger() = default;
};

// The entries behind `after`, in order. Errors: those of ForEach.
absl::StatusOr<std::vector<StopEntry>> StopsAfter(const StopLedger& ledger,
                                                  std::uint64_t after);

// The file form, of any length. Keeps in memory which moves came, some 64 bytes
// for each, and of the other entries their number: a start reads the file
// again, an entry of 73 bytes at a time, as often as it asks for them.
//
// Errors:
//   kDataLoss           the file is damaged or under another key.
//   kPermissionDenied, kUnavailable  the file cannot be opened or created.
absl::StatusOr<std::unique_ptr<StopLedger>> OpenStopLedger(
    const std::filesystem::path& path, base::SecretBytes key);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_LEDGER_STOP_LEDGER_H_

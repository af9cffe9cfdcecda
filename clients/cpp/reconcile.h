// Compares what a vault says that it released with what consent says that it
// permitted. A function of its inputs: it asks nobody and knows no clock.
// docs/formats/release-trail.md

#ifndef LIMPID_CLIENTS_CPP_RECONCILE_H_
#define LIMPID_CLIENTS_CPP_RECONCILE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/permit.h"
#include "common/receipt/release_batch.h"

namespace limpid::client {

// What two clocks may differ by, and a millisecond's rounding.
inline constexpr absl::Duration kReconcileTolerance = absl::Seconds(1);
// Lease and tolerance together. Read on both sides of a period, so that each of
// a pair is met whose other one is within it; and how old a period's end must
// be, that no lease is open.
inline constexpr absl::Duration kReconcileMargin = absl::Seconds(3);
// A tick takes seconds, and promises a minute more: what is not in a public log
// an hour after it was made is not on its way there.
inline constexpr absl::Duration kLogGrace = absl::Hours(1);
// Findings that are kept to be shown; all are counted.
inline constexpr std::size_t kMaxShownFindings = 1'000;

// A permitted read, as consent lists it.
struct PermittedEntry {
  base::ByteArray<16> access{};
  absl::Time decided;
  std::uint16_t permitted = 0;
  base::Digest32 lines{};
  std::optional<absl::Time> fenced;
};

// What the public logs should have by now and do not.
struct Unlogged {
  // Zero for a batch of the vault.
  base::ByteArray<16> access{};
  absl::Time time;
};

struct ReconcileInput {
  // from <= time < until.
  absl::Time from;
  absl::Time until;
  // What follows is of kReconcileMargin more on both sides, in any order.
  std::vector<PermittedEntry> entries;
  std::vector<receipt::ReleaseNote> releases;
  // Times of entries that cannot be read: erased, and without a reason.
  std::vector<absl::Time> erased;
  std::vector<absl::Time> missing;
  // Handed over before `from` by the vault's clock, in batches that no earlier
  // run saw: the clock was set back. All are compared.
  std::vector<receipt::ReleaseNote> late;
  // Times of batches that do not open, and of those that follow a gap.
  std::vector<absl::Time> damaged_batches;
  std::vector<absl::Time> missing_batches;
  // Entries and batches without a proof that are older than kLogGrace.
  std::vector<Unlogged> unlogged;
  // What the vault noted between these two was lost to a restore.
  absl::Time lost_from = absl::InfinitePast();
  absl::Time lost_until = absl::InfinitePast();
};

enum class Finding : std::uint8_t {
  // No entry says that it was permitted, and none that was erased can have.
  kNoEntry = 0,
  // Two releases under one permit.
  kReleasedTwice = 1,
  // Two entries with one access id.
  kEntryTwice = 2,
  // The permit had other lines than the entry, or more left than it had.
  kOtherLines = 3,
  // Handed over when the lease was over, on the vault's own clock or by the
  // entry's time.
  kAfterLease = 4,
  // After an act that fenced the record, and later than any lease from before.
  kAfterFence = 5,
  // An entry of consent does not open, or is not what was logged.
  kUnreadable = 6,
  // A batch of the vault does not open: what it noted is not compared.
  kBatchDamaged = 7,
  // Batches between two others are not there.
  kBatchMissing = 8,
  // An entry or batch that is not in the public log, kLogGrace after it was
  // made: its server's word alone.
  kNotLogged = 9,
};
inline constexpr std::size_t kFindings = 10;
// "release without entry", …
std::string_view FindingName(Finding finding);

struct Found {
  Finding what = Finding::kNoEntry;
  // Zero for kUnreadable and what follows it, but for an entry of kNotLogged.
  base::ByteArray<16> access{};
  absl::Time time;
};

struct Reconciliation {
  // Within the period.
  std::uint64_t entries = 0;
  std::uint64_t releases = 0;
  // Entries with their release.
  std::uint64_t matched = 0;
  // Entries without one: a permit that was not used here, or at another vault,
  // or whose note a crash of the vault took away.
  std::uint64_t unused = 0;
  // The same, from a time of which the vault's notes are lost.
  std::uint64_t not_comparable = 0;
  // Releases whose entry may be one that was erased or cannot be read.
  std::uint64_t explained = 0;
  // Handed over after an act that fenced the record and within the lease: the
  // act had not returned yet, which consent's log does not tell. No finding.
  std::uint64_t in_fence = 0;
  std::uint64_t erased = 0;
  // By Finding.
  std::array<std::uint64_t, kFindings> count{};
  // The first kMaxShownFindings.
  std::vector<Found> found;

  [[nodiscard]] std::uint64_t finding_count() const;
};

Reconciliation Reconcile(ReconcileInput input);

// Errors:
//   kDataLoss  there are findings; the message has their number.
absl::Status AlarmOf(const Reconciliation& result);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_RECONCILE_H_

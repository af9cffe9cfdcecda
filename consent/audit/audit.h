// What an auditor sees of everybody's accesses: which services got what for
// which purpose and why, and that nothing is left out; never who.
// docs/formats/audit-listing.md

#ifndef LIMPID_CONSENT_AUDIT_AUDIT_H_
#define LIMPID_CONSENT_AUDIT_AUDIT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/tick.h"
#include "consent/consent.h"
#include "consent/ids.h"
#include "consent/ledger/catalogue.h"

namespace limpid::consent {

// The key of an auditor's certificate, SHA-256 of its SubjectPublicKeyInfo.
using AuditorKey = base::Digest32;

struct AuditPeriod {
  // from <= time < until, whole hours in one calendar month (UTC); over when it
  // is asked for. Periods that overlap show the same entries under two names of
  // a person: within a month those join to what the month itself shows, and
  // over its end they join nothing.
  absl::Time from;
  absl::Time until;

  friend bool operator==(const AuditPeriod&, const AuditPeriod&) = default;
};
// Most entries of one part of a listing: 30 MB of memory.
inline constexpr std::size_t kMaxAuditEntries = 50'000;
// What a listing is sorted by: a keyed hash that tells neither time nor person.
using AuditOrder = base::ByteArray<16>;

enum class AuditContent : std::uint8_t {
  kShown = 1,
  // Erased at the person's request.
  kErased = 2,
  // Does not open, and nothing says why. Where the row itself is damaged, its
  // tick is not known either, and of one that was under embargo not its hour.
  kMissing = 3,
  // The person is not told of it yet.
  kUnderEmbargo = 4,
};

struct AuditEntry {
  AuditContent content = AuditContent::kShown;
  // Of the person, for this auditor, period and service only; zero for reads of
  // records that nobody has, and where the content is not shown.
  base::ByteArray<16> pseudonym{};
  // Whole hour; the epoch under embargo, and where it is not known.
  absl::Time time = absl::UnixEpoch();
  // Access id, sequence, predecessor, record, its revision, system, snapshot,
  // time and embargo are cleared.
  receipt::AccessEntry entry;
  bool training = false;
  // Refused reads that it counts.
  std::uint64_t denial_count = 0;
  // Null where no service took part, or it is gone.
  ServicePointer service;
  // First index of its tick in the public log; none while it waits, and where
  // it is not known.
  std::optional<std::uint64_t> tick;
};
struct AuditPart {
  std::vector<AuditEntry> entries;
  // Where the next part begins; none at the end.
  std::optional<AuditOrder> next_after;
};
using AuditListing = std::shared_ptr<const AuditPart>;

struct AuditTickPage {
  // Newest first, without gaps between them.
  std::vector<receipt::Tick> ticks;
  // The next page is what is below this index; 0 at the end.
  std::uint64_t next_below = 0;
};

// Thread-safe.
class AuditBook {
 public:
  // How long a listing is kept for its next pages.
  static constexpr absl::Duration kKept = absl::Minutes(10);

  // `consent` must outlive it. A part has `most` entries at most.
  explicit AuditBook(Consent& consent, std::size_t most = kMaxAuditEntries)
      : consent_(consent), most_(most) {}

  // The entries of the period behind `after`, or from the beginning, in an
  // order that tells nothing. One part is made at a time, and reads every entry
  // of the store, some seconds for each million.
  //
  // Errors:
  //   kInvalidArgument    not whole hours, not in one month, or not over yet.
  //   kResourceExhausted  another part is being made.
  absl::StatusOr<AuditListing> List(
      const AuditorKey& auditor, const AuditPeriod& period,
      std::optional<AuditOrder> after = std::nullopt);

  // The ticks below index `below` of the public log, or the newest for 0.
  absl::StatusOr<AuditTickPage> Ticks(std::uint64_t below,
                                      std::size_t limit) const;

 private:
  Consent& consent_;
  const std::size_t most_;
  base::Mutex mutex_;
  bool making_ ABSL_GUARDED_BY(mutex_) = false;
  AuditorKey auditor_ ABSL_GUARDED_BY(mutex_){};
  AuditPeriod period_ ABSL_GUARDED_BY(mutex_);
  std::optional<AuditOrder> after_ ABSL_GUARDED_BY(mutex_);
  absl::Time made_ ABSL_GUARDED_BY(mutex_);
  AuditListing listing_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AUDIT_AUDIT_H_

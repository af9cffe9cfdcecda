// The cohort permit: consent's lease to make one statistic over exactly the
// persons it was made for. Only the format; the persons travel beside it, held
// by a digest, so that what is signed stays small and names nobody.
// docs/formats/cohort-permit.md

#ifndef LIMPID_COMMON_RECEIPT_COHORT_PERMIT_H_
#define LIMPID_COMMON_RECEIPT_COHORT_PERMIT_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"

namespace limpid::receipt {

// Longest lease of a cohort permit: opening 100,000 values takes longer than
// the two seconds of a permit for one person.
inline constexpr absl::Duration kMaxCohortLease = absl::Seconds(60);
// Most persons in one cohort: bounds the memory of both sides and a message.
inline constexpr std::size_t kMaxCohort = 100'000;
// One epoch of statistics: a day by UTC. In one epoch a question has one
// answer.
inline constexpr absl::Duration kCohortEpoch = absl::Hours(24);

// Number of the epoch that `time` is in: days since 1970-01-01 UTC; 0 before.
std::uint64_t CohortEpochAt(absl::Time time);
// When epoch `number` begins.
absl::Time CohortEpochBegin(std::uint64_t number);

using CohortMember = base::ByteArray<16>;

struct CohortPermit {
  // Random, of this permit alone.
  base::ByteArray<16> cohort{};
  base::ByteArray<16> source{};
  base::Digest32 service_key{};
  base::ByteArray<16> agreement{};
  // DPV IRI, as asked.
  std::string purpose;
  // The one attribute that may be counted, in the form aggregate.
  std::string attribute;
  base::Digest32 request_hash{};
  base::ByteArray<16> nonce{};
  // Of statistics.
  std::uint64_t epoch = 0;
  // Fencing epoch of the writer.
  std::uint64_t writer = 0;
  // From the source's receiving the permit, on its monotonic clock. Whole
  // milliseconds, (0, kMaxCohortLease].
  absl::Duration lease;
  // Nothing is computed under the permit at or after this time.
  absl::Time not_after;
  // 0 to kMaxCohort.
  std::uint32_t member_count = 0;
  // DigestOfMembers of them.
  base::Digest32 members{};

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one cohort permit, or a lease, time or
  //                     number of members out of range.
  static absl::StatusOr<CohortPermit> Decode(base::ByteView bytes);

  friend bool operator==(const CohortPermit&, const CohortPermit&) = default;
};

// `members` are the source's own ids of the persons, ascending, none twice.
base::Digest32 DigestOfMembers(std::span<const CohortMember> members);

// What a service asks to be counted, as hashed into the permit. Without
// anything that the caller may choose freely: the same question is the same
// hash, whoever asks it again.
struct StatisticFields {
  // "agr_…"
  std::string agreement;
  // DPV IRI.
  std::string purpose;
  std::string attribute;
  // "count", "sum", "mean" or "histogram".
  std::string function;
  std::uint64_t epoch = 0;
};

base::Digest32 StatisticHash(const StatisticFields& statistic);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_COHORT_PERMIT_H_

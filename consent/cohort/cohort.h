// A cohort: the persons whose live records let one service count one attribute
// in statistics, in one epoch. Consent names them to the source under a signed
// permit and to nobody else; the service learns neither who nor how many.
// docs/formats/cohort-permit.md

#ifndef LIMPID_CONSENT_COHORT_COHORT_H_
#define LIMPID_CONSENT_COHORT_COHORT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/receipt/batch.h"
#include "common/receipt/cohort_permit.h"
#include "consent/ids.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// Events of the service looked at in one commit: bounds how long a decision
// waits behind a page.
inline constexpr std::size_t kCohortPage = 32;
// Most events of a service's stream that one gathering looks at. The service
// can count them, so that hitting this cap tells it nothing new.
inline constexpr std::size_t kMaxCohortEvents = 1'000'000;
// Most permits for one cohort in one epoch: four questions, each asked again
// after failures.
inline constexpr std::uint32_t kMaxCohortPermits = 32;
// Persons kept in memory for all cohorts of the present epoch, about 150 bytes
// each; over it, cohorts that nobody waits for are gathered again when needed.
inline constexpr std::size_t kMaxCohortMemory = 2 * receipt::kMaxCohort;

// The purpose of every cohort: this one or a narrower one.
inline constexpr std::string_view kStatisticsPurpose =
    "https://w3id.org/dpv#ProvideOfficialStatistics";

[[nodiscard]] bool IsStatistics(std::string_view purpose,
                                const Purposes& purposes);

struct CohortRequest {
  // SHA-256 of the SubjectPublicKeyInfo the service authenticated with at the
  // source.
  base::Digest32 caller_key{};
  // Which source asks, as its own channel says.
  SourceId source;
  AgreementId agreement;
  // DPV IRI.
  std::string purpose;
  // Catalogue id.
  std::string attribute;
  // Of statistics; must be the present one.
  std::uint64_t epoch = 0;
  // Repeated in the permit.
  base::ByteArray<16> nonce{};
  base::Digest32 request_hash{};
  // The source has this epoch's answer: say only whether the service may have
  // it. No permit, no entry.
  bool answered = false;
};

struct CohortRelease {
  // receipt::CohortPermit, encoded.
  base::Bytes item;
  receipt::BatchProof proof;
  // Ascending, none twice. For the source alone.
  std::vector<receipt::CohortMember> members;
};

struct CohortAnswer {
  // None when the question was `answered`.
  std::optional<CohortRelease> release;
};

// Called exactly once, on any thread.
//
// A permit names exactly the persons whose record allowed the attribute in the
// form aggregate when the service's stream was gone through in this epoch, and
// was not withdrawn, paused, narrowed or otherwise ended before the permit's
// place in the order of commits. Each has one entry of the kind "counted in a
// statistic" for the epoch, durable before. Records granted or resumed
// meanwhile count from the next epoch on; one that would end within
// receipt::kMaxCohortLease does not count.
//
// Errors:
//   kPermissionDenied    the key belongs to no registered service.
//   kInvalidArgument     CheckReadRequest; or the purpose is no statistics.
//   kNotFound            the service has no such agreement.
//   kFailedPrecondition  the agreement, the service's ceiling or the source's
//                        sharing agreement does not cover this, or `epoch` is
//                        not the present one.
//   kResourceExhausted   over kMaxCohortEvents, receipt::kMaxCohort or
//                        kMaxCohortPermits in this epoch, or too much waits.
//   kUnavailable         nothing could be made durable, or it is not known, or
//                        the clock has jumped, or consent is stopping. Compute
//                        nothing; ask again.
using CohortCallback = absl::AnyInvocable<void(absl::StatusOr<CohortAnswer>)>;

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_COHORT_COHORT_H_

// A change of what a registered service is bound to: its keys, its ceiling, its
// legal bases, the longest embargo. Widening needs two administrators and a
// day; narrowing takes effect at once. Values and rules; the tasks are in
// service_change_desk.h. docs/formats/service-change.md

#ifndef LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_H_
#define LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "consent/agreement/service.h"
#include "consent/campaign/sweep.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// From the second administrator's approval to the effect: time for persons and
// colleagues to see it and cancel.
inline constexpr absl::Duration kServiceChangeDelay = absl::Hours(24);
// A proposal that nobody approves in this time cannot be approved any more.
inline constexpr absl::Duration kProposalLife = absl::Hours(24 * 30);
inline constexpr std::size_t kMaxChangeReasonBytes = 1'024;

// The part of a service that can change.
struct ServiceLimits {
  std::vector<base::Digest32> keys;
  std::vector<std::string> purposes;
  std::set<std::string, std::less<>> attributes;
  std::vector<receipt::LegalBasis> bases;
  std::vector<ServicePublicKey> public_keys;
  std::uint32_t embargo_days = 0;

  friend bool operator==(const ServiceLimits&, const ServiceLimits&) = default;
};

ServiceLimits LimitsOf(const Service& service);
Service WithLimits(Service service, const ServiceLimits& limits);
// Whether `after` allows nothing that `before` does not: no new key of any
// kind, attribute or basis, no longer embargo, and every purpose covered by an
// earlier one.
[[nodiscard]] bool OnlyNarrows(const ServiceLimits& before,
                               const ServiceLimits& after,
                               const Purposes& purposes);

// Stored and sent: append, never renumber. From kInEffect on final.
enum class ServiceChangeState : std::uint8_t {
  // One administrator asked for it.
  kProposed = 1,
  // Another approved; takes effect at `effective`.
  kApproved = 2,
  kInEffect = 3,
  kCancelled = 4,
  // At its time the service was no longer what the change was made for.
  kOvertaken = 5,
};

struct ServiceChange {
  ServiceChangeId id;
  ServiceId service;
  ServiceChangeState state = ServiceChangeState::kProposed;
  ServiceLimits before;
  ServiceLimits after;
  // For the persons concerned.
  std::string reason;
  // SHA-256 of the administrators' SubjectPublicKeyInfo; zero for nobody.
  base::Digest32 proposed_by{};
  base::Digest32 approved_by{};
  base::Digest32 cancelled_by{};
  absl::Time proposed = absl::UnixEpoch();
  absl::Time approved = absl::UnixEpoch();
  // When it takes, or took, effect; the epoch before an approval.
  absl::Time effective = absl::UnixEpoch();
  // Telling the persons concerned.
  SweepCursor telling;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one change.
  static absl::StatusOr<ServiceChange> Decode(base::ByteView bytes);

  friend bool operator==(const ServiceChange&, const ServiceChange&) = default;
};

// `change`, approved by `administrator` at `now`.
//
// Errors:
//   kPermissionDenied    it is the one who proposed, or nobody that is known.
//   kFailedPrecondition  not proposed any more, too old, or `current` is not
//                        what it was made for.
absl::StatusOr<ServiceChange> Approved(const ServiceChange& change,
                                       const ServiceLimits& current,
                                       const base::Digest32& administrator,
                                       absl::Time now);
// Errors:
//   kFailedPrecondition  final already.
absl::StatusOr<ServiceChange> Cancelled(const ServiceChange& change,
                                        const base::Digest32& administrator);

// All changes, in memory. Thread-safe.
class ServiceChangeBook {
 public:
  // Errors: those of the store; kDataLoss for a row that does not open.
  absl::Status Load(const LedgerStore& store, const base::SecretBytes& row_key);
  void Put(const ServiceChange& change);

  [[nodiscard]] std::optional<ServiceChange> Find(
      const ServiceChangeId& id) const;
  // Newest proposal first.
  [[nodiscard]] std::vector<ServiceChange> All() const;

 private:
  mutable base::Mutex mutex_;
  std::map<ServiceChangeId, ServiceChange> changes_ ABSL_GUARDED_BY(mutex_);
};

// The row that stores it, sealed.
PublicRow RowOf(const base::SecretBytes& row_key, const ServiceChange& change);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_SERVICE_CHANGE_H_

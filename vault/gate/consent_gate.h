// The port through which the vault asks whether it may release. It knows
// nothing of how consent decides: in process, over gRPC, or a foreign operator.
// Implementations live outside this domain; each derives from ConsentGate and
// thereby gains the right to make permits.

#ifndef LIMPID_VAULT_GATE_CONSENT_GATE_H_
#define LIMPID_VAULT_GATE_CONSENT_GATE_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/permit.h"
#include "vault/gate/cohort_permit.h"
#include "vault/gate/release_permit.h"

namespace limpid::vault {

// One read, as the vault puts it to consent.
struct ReleaseRequest {
  // SHA-256 of the SubjectPublicKeyInfo of the certificate the service
  // authenticated with at this vault.
  base::Digest32 caller_thumbprint{};
  // What the service asked for, its own nonce included. Attributes are
  // distinct, in the order asked.
  receipt::ReleaseRequestFields fields;
  // receipt::ReleaseRequestHash(fields); the permit must repeat it.
  base::Digest32 request_hash{};
  // Fresh for every request; the permit must repeat it.
  base::ByteArray<16> vault_nonce{};
};

// One attribute that the permit does not name.
struct Refusal {
  std::string attribute;
  // Already softened for the service: NO_CONSENT where the true reason would
  // tell about the person. Never kReleased.
  receipt::Reason reason = receipt::Reason::kNoConsent;
};

// Consent's answer, already durable there: the access entry exists.
struct Decision {
  // Text form, "acc_...".
  std::string access_id;
  // docs/formats/receipt.md; passed on to the service as it is.
  base::Bytes access_promise;
  // Every asked attribute that the permit does not name.
  std::vector<Refusal> refused;
  // Absent when everything was refused.
  std::optional<ReleasePermit> permit;
};

using DecisionCallback = absl::AnyInvocable<void(absl::StatusOr<Decision>)>;

// Consent's answer about a cohort.
struct Cohort {
  // Absent when the question was `answered`.
  std::optional<CohortPermit> permit;
};

using CohortCallback = absl::AnyInvocable<void(absl::StatusOr<Cohort>)>;

// Thread-safe.
class ConsentGate {
 public:
  virtual ~ConsentGate() = default;
  ConsentGate(const ConsentGate&) = delete;
  ConsentGate& operator=(const ConsentGate&) = delete;

  // Decides one read and calls `callback` exactly once, on any thread, maybe
  // before it returns. A refusal is a Decision.
  //
  // Errors (in the callback):
  //   kPermissionDenied  the thumbprint belongs to no registered service.
  //   kUnavailable       the decision could not be made durable; nothing may
  //                      be released.
  virtual void Authorize(ReleaseRequest request, DecisionCallback callback) = 0;

  // Asks whose value may be counted and calls `callback` exactly once, on any
  // thread. It can take minutes. A gate that knows no cohorts refuses.
  //
  // Errors (in the callback): docs/formats/cohort-permit.md, and
  //   kUnavailable  consent cannot be reached; compute nothing.
  // NOLINTNEXTLINE(performance-unnecessary-value-param): overrides keep it.
  virtual void AuthorizeCohort(CohortQuestion /*question*/,
                               CohortCallback callback) {
    callback(absl::FailedPreconditionError("no statistics can be made here"));
  }

 protected:
  ConsentGate() = default;

  // The only way to a ReleasePermit.
  static ReleasePermit MakePermit(SignedPermit permit,
                                  std::unique_ptr<PermitHold> hold) {
    return {ReleasePermit::Passkey(), std::move(permit), std::move(hold)};
  }
  // And to a CohortPermit.
  static CohortPermit MakeCohort(base::Bytes item, receipt::BatchProof proof,
                                 std::vector<receipt::CohortMember> members) {
    return {CohortPermit::Passkey(), std::move(item), std::move(proof),
            std::move(members)};
  }
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_GATE_CONSENT_GATE_H_

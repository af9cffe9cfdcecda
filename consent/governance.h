// What administrators decide about services and agreements, as the consent role
// takes it, and the contract of the calls that do (consent.h).
//
// FindAgreement, DiffAgreements: kNotFound for no such version.
//
// CreateSharing: `sharing` is set to make the next version of that one, which
// alone counts from then on; otherwise a `request_id` used before gives what it
// made. kInvalidArgument as CheckSharing; kNotFound for a source, service or
// sharing agreement that is not there; kAlreadyExists when `request_id` was
// used for other terms. CreateDefaultSharing: the one over the service's
// ceiling as it is now, made, or its next version. EndSharing: now, by a next
// version; permits that are out run on for their lease (receipt::kMaxLease).
// ListSharing: every version, by ids and versions; with `service`, of those
// whose newest version names it.
//
// ListCampaigns: by agreements and versions. ListReconsents: the person's
// requests that follow a consent of hers and wait for an answer.
//
// ProposeServiceChange: a change that only narrows is in effect when it
// returns; any other waits for another administrator and then for
// kServiceChangeDelay. kInvalidArgument as CheckService, for no reason, or when
// nothing would change, or for a key that was retired: one never comes back;
// kNotFound; kAlreadyExists for a key that is pinned elsewhere or a
// `request_id` used for another change; kResourceExhausted for a service with
// too many keys, past ones included. Its keys go to the register log with the
// change (consent/service_key). Approve and Cancel: as Approved and Cancelled
// in service_change.h. ListServiceChanges: newest proposal first.
//
// AgreementForm, RecordForm: the forms of consent_form.h; kNotFound for no such
// version, or no such record of the person.
//
// RunCampaigns, RunServiceChanges: do what is due at the clock's time; what
// fails stops no other. The role does it by itself; tests do not wait.

#ifndef LIMPID_CONSENT_GOVERNANCE_H_
#define LIMPID_CONSENT_GOVERNANCE_H_

#include <string>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "consent/agreement/material_change.h"
#include "consent/agreement/service_change.h"
#include "consent/campaign/campaign.h"
#include "consent/ids.h"
#include "consent/sharing/sharing_agreement.h"

namespace limpid::consent {

// The administrator who acts, as the edge authenticated her: SHA-256 of her
// certificate's SubjectPublicKeyInfo. Zero for one that is not known.
using AdministratorKey = base::Digest32;

// What comes with a service when it is registered.
struct Registration {
  AdministratorKey administrator{};
  // Makes, in the same commit, one sharing agreement of each source of the
  // operator with the service, over its whole ceiling.
  bool default_sharing = true;
};

// A consent form three times.
struct RenderedForm {
  std::string json;
  std::string text;
  std::string html;
};

// What comes with a version of an agreement when it is published.
struct Publication {
  AdministratorKey administrator{};
  // Until consents to earlier versions release nothing any more, when the new
  // one asks for more; 0 to kMaxGrace.
  absl::Duration grace = kDefaultGrace;
};

// A change of a service, as an administrator wants it.
struct ProposedChange {
  AdministratorKey administrator{};
  ServiceId service;
  // The whole of it, not the difference.
  ServiceLimits after;
  // But for its public keys, which stay as they are: those in `after` do not
  // count. A client that does not know them removes none.
  bool keep_public_keys = false;
  // The same of its embargo.
  bool keep_embargo = false;
  // For the persons concerned, 1 to kMaxChangeReasonBytes.
  std::string reason;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_GOVERNANCE_H_

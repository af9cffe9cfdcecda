// A delegation as consent keeps it, and what it reaches. A delegation gives a
// power to somebody else; it never takes one from the person. Knows no store
// and no clock. docs/formats/delegation.md

#ifndef LIMPID_CONSENT_DELEGATION_DELEGATION_H_
#define LIMPID_CONSENT_DELEGATION_DELEGATION_H_

#include <map>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "common/receipt/delegation.h"
#include "consent/agreement/agreement.h"
#include "consent/ids.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

struct HeldDelegation {
  DelegationId id;
  // What was signed or recorded, and the same read.
  std::string canonical_json;
  receipt::Delegation terms;
  // The person, with `signature`, or staff, with `administrator`.
  receipt::Actor made_by = receipt::Actor::kPerson;
  base::ByteArray<64> signature{};
  base::Digest32 administrator{};
  absl::Time created = absl::UnixEpoch();
  // The epoch while a nominee's case has not come.
  absl::Time active = absl::UnixEpoch();
  // The epoch while it was not ended.
  absl::Time ended = absl::UnixEpoch();
  receipt::Actor ended_by = receipt::Actor::kPerson;
  // For the person, at most 1,024 bytes.
  std::string end_reason;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one delegation.
  static absl::StatusOr<HeldDelegation> Decode(base::ByteView bytes);

  friend bool operator==(const HeldDelegation&,
                         const HeldDelegation&) = default;
};

using Delegations = std::map<DelegationId, HeldDelegation>;

// First 16 bytes of SHA-256 over what is signed: the same text is the same
// delegation, so that one that was ended cannot be replayed.
DelegationId DelegationIdOf(std::string_view canonical_json);

// Whether it gives any power at `time`.
[[nodiscard]] bool IsLive(const HeldDelegation& held, absl::Time time);

// Whether it was ended or has expired: it gives no power any more.
[[nodiscard]] bool IsOver(const HeldDelegation& held, absl::Time time);

// Whether its scope has the service, every purpose of the agreement, and at
// least one of the agreement's attributes.
[[nodiscard]] bool Reaches(const receipt::Delegation& terms,
                           const ServiceId& service, const Agreement& agreement,
                           const Purposes& purposes);

// The delegation under which `representative` may use `power` on a record of
// the agreement at `time`, the one that needs fewest signatures first; null
// when there is none.
const HeldDelegation* FindMandate(const Delegations& delegations,
                                  const PersonId& representative,
                                  receipt::Power power,
                                  const Agreement& agreement,
                                  const Purposes& purposes, absl::Time time);

// The live delegation that reserves to others what the person would grant of
// the agreement; null when there is none.
const HeldDelegation* FindReserved(const Delegations& delegations,
                                   const Agreement& agreement,
                                   const Purposes& purposes, absl::Time time);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_DELEGATION_DELEGATION_H_

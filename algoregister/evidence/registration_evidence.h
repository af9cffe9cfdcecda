// The evidence that a registration of an evaluation carries itself: counts per
// group and claims among its fields. Reads content, changes none.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_REGISTRATION_EVIDENCE_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_REGISTRATION_EVIDENCE_H_

#include <optional>
#include <string>
#include <vector>

#include "algoregister/evidence/claims.h"
#include "algoregister/evidence/counts.h"
#include "common/base/bytes.h"
#include "common/json/value.h"

namespace limpid::algoregister::evidence {

struct RegistrationEvidence {
  // No groupings where no counts are given, or they contradict themselves.
  Evidence evidence;
  // Why there are no groupings; empty if there are.
  std::string unusable;
  std::vector<Claim> claims;
  // Of the bundle that the registration names.
  std::optional<base::Digest32> bundle;
};

// `content` as limpid.algoregister's content of kind evaluation. What a field
// says wrongly makes the counts unusable and the claims uncheckable; nothing is
// refused here, because a version that is published stays.
RegistrationEvidence ReadRegistrationEvidence(const json::Value& content);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_REGISTRATION_EVIDENCE_H_

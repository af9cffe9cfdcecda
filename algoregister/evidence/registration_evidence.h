// The evidence that a registration of an evaluation carries itself: counts per
// group and claims among its fields. Reads content, changes none.

#ifndef LIMPID_ALGOREGISTER_EVIDENCE_REGISTRATION_EVIDENCE_H_
#define LIMPID_ALGOREGISTER_EVIDENCE_REGISTRATION_EVIDENCE_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/evidence/claims.h"
#include "algoregister/evidence/counts.h"
#include "common/base/bytes.h"
#include "common/json/value.h"

namespace limpid::algoregister::evidence {

// What the registration itself says of the choices that metrics depend on;
// what it leaves out is nothing.
struct GivenSettings {
  std::optional<Favourable> favourable;
  std::optional<double> level;
  std::optional<double> k;
  std::optional<double> tau;
  // Attributes and their groups.
  std::vector<std::pair<std::string, std::string>> references;
};

struct RegistrationEvidence {
  // No groupings where no counts are given, or they contradict themselves.
  Evidence evidence;
  // Why there are no groupings; empty if there are.
  std::string unusable;
  // Whether counts are given, readable or not.
  bool gives_groups = false;
  // One that cannot be read says why.
  std::vector<Claim> claims;
  // Why there are no claims though some are given; empty otherwise.
  std::string claims_unusable;
  GivenSettings given;
  // Of the bundle that the registration names.
  std::optional<base::Digest32> bundle;
};

// `content` as limpid.algoregister's content of kind evaluation. What a field
// says wrongly makes the counts unusable or a claim uncheckable; nothing is
// refused here, because a version that is published stays.
RegistrationEvidence ReadRegistrationEvidence(const json::Value& content);

// Why the counts that are given cannot be read; empty if they can, or none are.
std::string CountsFault(const RegistrationEvidence& of);
// Why a claim, the first such, cannot be read; empty if all can.
std::string ClaimsFault(const RegistrationEvidence& of);

// The fields in which a registration gives something else than the manifest of
// its bundle, whose settings count: "favourable, parity_tau". Empty if in none.
std::string DifferingSettings(const GivenSettings& given, const Bundle& bundle);

// For what is about to be published: counts and claims that nobody could
// recompute are refused.
//
// Errors:
//   kInvalidArgument  "<pointer>: reason".
absl::Status CheckRegistrationEvidence(const json::Value& content);

}  // namespace limpid::algoregister::evidence

#endif  // LIMPID_ALGOREGISTER_EVIDENCE_REGISTRATION_EVIDENCE_H_

// What a registration states about MIM5's questions, in MIM5's codes. Pure
// functions over valid contents; what is not stated is "not_stated".

#ifndef LIMPID_ALGOREGISTER_MIM5_STATED_H_
#define LIMPID_ALGOREGISTER_MIM5_STATED_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "common/json/value.h"

namespace limpid::algoregister {

inline constexpr std::string_view kNotStated = "not_stated";

// The code of a given field, or "not_stated".
std::string StatedCode(const json::Value& content, std::string_view field);
// "high_risk", "impactful", "other" or "not_stated": the gravest that any of
// the fields in which national standards put it says.
std::string StatedRisk(const json::Value& content);
// The same of what uses `system` (null for none), whose risk it has when it
// states none of its own.
std::string RiskOfUse(const json::Value& use, const json::Value* system);
// Whether a risk in MIM5's terms weighs on people: high or with impact.
bool Weighs(std::string_view risk);
// "valid", "expired", "withdrawn", "suspended" or "not_stated" of a
// certification on the day of asking.
std::string CertificationState(const json::Value& content,
                               absl::CivilDay today);

// Whether a system lets nobody independent check it.
bool RefusesValidation(const json::Value& system);

// MIM5: what is shielded from independent validation is not used where it
// weighs on people. Checks a deployment against the system it uses; what a
// certification says of either is another body's word, and stops nobody from
// publishing.
//
// Errors:
//   kFailedPrecondition  "<JSON pointer>: reason": it is in use, of high risk
//                        or with impact by its own word or else its system's,
//                        the system refuses, and the deployment does not say
//                        why it is used all the same.
absl::Status CheckValidationAllowsUse(const json::Value& deployment,
                                      const json::Value& system);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_MIM5_STATED_H_

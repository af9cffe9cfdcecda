// Answers a request in the commit that binds it, when a standing permission
// covers it. For tasks of the sequencer that are alone in their batch: a
// permission that was ended before them is seen as ended.

#ifndef LIMPID_CONSENT_STANDING_GRANTING_H_
#define LIMPID_CONSENT_STANDING_GRANTING_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "consent/consent_state.h"
#include "consent/standing/permission.h"

namespace limpid::consent {

struct StandingAnswer {
  // Covers all of the request.
  std::optional<HeldStanding> granted;
  // Without it: why the nearest permission does not, a Mismatch by number; 0
  // when the person has none in force.
  std::uint8_t mismatch = 0;
};

// Positions of the lines that granting a request grants: what it names, or all.
std::vector<std::uint16_t> GrantedLines(const std::vector<std::uint16_t>& asked,
                                        const Agreement& agreement);

// Changes nothing.
absl::StatusOr<StandingAnswer> AnswerOf(const Consent::State& s,
                                        const PersonState& person,
                                        const StoredRequest& request,
                                        absl::Time now);

// Makes the requested record granted under `held`, with its entry. Everything
// was checked.
void GrantUnder(const HeldStanding& held, const Agreement& agreement,
                PersonState& person, LiveRecord& record, Batch& batch);

// Errors:
//   kDataLoss  not sealed for this row, or no standing permission.
absl::StatusOr<HeldStanding> OpenStanding(const PersonKey& key,
                                          const PersonalRow& row);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STANDING_GRANTING_H_

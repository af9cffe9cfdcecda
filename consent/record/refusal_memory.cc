#include "consent/record/refusal_memory.h"

#include <algorithm>
#include <string>

namespace limpid::consent {
namespace {

bool ShareAPurpose(const AgreementContent& left, const AgreementContent& right,
                   const Purposes& purposes) {
  return std::any_of(
      left.purposes.begin(), left.purposes.end(), [&](const std::string& one) {
        return std::any_of(right.purposes.begin(), right.purposes.end(),
                           [&](const std::string& other) {
                             return one == other ||
                                    purposes.IsSameOrNarrower(one, other) ||
                                    purposes.IsSameOrNarrower(other, one);
                           });
      });
}

}  // namespace

bool KeepsAway(const LiveRecord& refused, const Agreement& refused_agreement,
               const Agreement& asked, const Purposes& purposes,
               absl::Time now) {
  if (refused.revision.state != RecordState::kRefused ||
      now >= refused.ask_not_before ||
      refused.revision.service != asked.service) {
    return false;
  }
  return refused.revision.agreement == asked.id ||
         ShareAPurpose(refused_agreement.content, asked.content, purposes);
}

}  // namespace limpid::consent

// Whether a standing permission covers a request: the same rules in the same
// order for every request, and one reason for the first that fails. Knows no
// store and no clock. docs/formats/standing-permission.md

#ifndef LIMPID_CONSENT_STANDING_MATCH_H_
#define LIMPID_CONSENT_STANDING_MATCH_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/receipt/standing.h"
#include "consent/agreement/agreement.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// Why a request asks although a permission stands. For the person alone.
enum class Mismatch : std::uint8_t {
  kBasis = 1,
  kAiTraining = 2,
  kSystem = 3,
  kTime = 4,
  kRecipient = 5,
  kPurpose = 6,
  kLine = 7,
  kSpecial = 8,
  kRetention = 9,
  kValidity = 10,
  kNotice = 11,
  // A later version of the agreement asks for more, or no source shares it.
  kNotOffered = 12,
  // Her parents or guardians decide.
  kReserved = 13,
  // The organisation was granted another question about the same attribute.
  kQuestion = 14,
};

// One fixed sentence that names the rule and no data.
std::string_view MismatchSentence(Mismatch mismatch);

struct AskedOf {
  const Agreement& agreement;
  // Positions of the lines that the request names; empty for all.
  const std::vector<std::uint16_t>& lines;
  const Purposes& purposes;
  // Whether an attribute is known to be neither of a special category nor about
  // convictions; false for one that nobody can rank.
  const std::function<bool(std::string_view)>& is_ordinary;
  absl::Time now;
};

// Nothing when the permission covers all of it. That it was not ended, the
// caller knows.
std::optional<Mismatch> MismatchOf(
    const receipt::StandingPermission& permission, const AskedOf& asked);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STANDING_MATCH_H_

#include "consent/purpose/purposes.h"

#include <span>
#include <string>
#include <string_view>

namespace limpid::consent {

const std::string* CoveringPurpose(std::string_view asked,
                                   std::span<const std::string> consented,
                                   const Purposes& purposes) {
  for (const std::string& purpose : consented) {
    if (purposes.IsSameOrNarrower(asked, purpose)) return &purpose;
  }
  return nullptr;
}

}  // namespace limpid::consent

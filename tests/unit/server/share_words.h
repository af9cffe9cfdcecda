// The shares of docs/formats/root-key-shares.md: the npm package slip39 made
// them of the key 000102..1f, 2 of 3, and hashlib the commitment.

#ifndef LIMPID_TESTS_UNIT_SERVER_SHARE_WORDS_H_
#define LIMPID_TESTS_UNIT_SERVER_SHARE_WORDS_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "server/share_set.h"

namespace limpid::server {

inline constexpr std::array<std::string_view, 3> kShareWords = {
    "wavy wisdom academic acid academic have detailed execute tricycle earth "
    "tenant laser lips location pink antenna suitable shadow aide switch "
    "tactics universe unkind width health tracks round ending permit mason "
    "easy satisfy withdraw",
    "wavy wisdom academic agency acne smart grasp usher mother grin holy mama "
    "symbolic guard thorn welcome garden prevent industry acne patent organize "
    "chemical software timber artist moisture favorite warmth fraction "
    "national fangs purchase",
    "wavy wisdom academic always activity greatest music fraction rapids evil "
    "terminal national coding salt decent trash retailer lilac threaten angry "
    "diagnose maximum hospital pipeline stadium random grill grin rich taxi "
    "mustang alien adult"};
inline constexpr std::string_view kShareCommitment =
    "c74f0a92c02ca087a933d0c26691d899fdc1dad9fbaf59942bba70e9b3b2ffae";
inline constexpr std::uint16_t kShareSetNumber = 31903;

inline base::SecretBytes ShareOf(std::string_view words) {
  return base::SecretBytes::Copy(base::AsBytes(words));
}

inline ShareSet ExampleSet() {
  return {.id = kShareSetNumber,
          .threshold = 2,
          .count = 3,
          .commitment = base::ToArray<sizeof(base::Digest32)>(
                            base::HexDecode(kShareCommitment).value())
                            .value()};
}

}  // namespace limpid::server

#endif  // LIMPID_TESTS_UNIT_SERVER_SHARE_WORDS_H_

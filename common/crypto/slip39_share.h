// One share as words: the mnemonic of SLIP-0039 and back, with its checksum.
// Errors say which word by its place, never which word it is.
// docs/formats/guardian-shares.md

#ifndef LIMPID_COMMON_CRYPTO_SLIP39_SHARE_H_
#define LIMPID_COMMON_CRYPTO_SLIP39_SHARE_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::crypto::slip39 {

// Secrets have 128 to 512 bits in steps of 16.
inline constexpr std::size_t kMinSecretBytes = 16;
inline constexpr std::size_t kMaxSecretBytes = 64;
// Groups of a set, and shares of a group.
inline constexpr std::uint8_t kMaxShares = 16;
inline constexpr std::uint16_t kMaxIdentifier = 0x7FFF;

// What a share says of itself; readable by whoever holds it.
struct ShareInfo {
  // Random, the same in all shares of a splitting. 15 bits.
  std::uint16_t identifier = 0;
  bool extendable = true;
  // 0 to 15; see CipherSettings.
  std::uint8_t iteration_exponent = 0;
  // From 0 to 15.
  std::uint8_t group_index = 0;
  // Groups needed, and groups there are: 1 to 16.
  std::uint8_t group_threshold = 1;
  std::uint8_t group_count = 1;
  // From 0 to 15, and how many shares of this group are needed: 1 to 16.
  std::uint8_t member_index = 0;
  std::uint8_t member_threshold = 1;

  friend bool operator==(const ShareInfo&, const ShareInfo&) = default;
};

struct Share {
  ShareInfo info;
  base::SecretBytes value;
};

// The words, lower case, one space between them. Aborts on numbers out of
// range or a value of another length: Split has checked.
base::SecretBytes ToWords(const Share& share);

// Reads words that a person may have typed: any white space between and around
// them, capital letters taken for small ones. Not in constant time.
//
// Errors:
//   kInvalidArgument  too few or too many words, a word that is not in the
//                     list, a wrong checksum, padding that is not zero, more
//                     groups needed than there are.
absl::StatusOr<Share> FromWords(const base::SecretBytes& words);

// The word at `index` (0 to 1,023), for whoever shows or completes words.
std::string_view Word(std::size_t index);

}  // namespace limpid::crypto::slip39

#endif  // LIMPID_COMMON_CRYPTO_SLIP39_SHARE_H_

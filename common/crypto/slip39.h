// Splits a secret among guardians: any t of n shares give it back, fewer tell
// nothing. Shares are words as SLIP-0039 writes them, so that other people's
// tools read ours. What is recovered is only as true as the shares: whoever
// combines compares the result with a commitment of its own.
// docs/formats/guardian-shares.md

#ifndef LIMPID_COMMON_CRYPTO_SLIP39_H_
#define LIMPID_COMMON_CRYPTO_SLIP39_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "common/crypto/random.h"
#include "common/crypto/slip39_share.h"

namespace limpid::crypto::slip39 {

// SLIP-0039 allows 15, which is minutes of work for whoever is handed a forged
// share; 10 is about ten million iterations, some seconds.
inline constexpr std::uint8_t kMaxIterationExponent = 10;

// `threshold` of `count` shares, 1 to kMaxShares. A threshold of 1 goes with
// one share only: copies of one share are made by copying it.
struct Group {
  std::uint8_t threshold = 1;
  std::uint8_t count = 1;
};

struct Splitting {
  // Guardians t-of-n are one group with this at 1.
  std::uint8_t group_threshold = 1;
  // 1 to kMaxShares groups.
  std::vector<Group> groups;
  bool extendable = true;
  // At most kMaxIterationExponent. Matters only with a passphrase.
  std::uint8_t iteration_exponent = 0;
  // Printable ASCII; mostly empty. The caller wipes its own.
  std::string_view passphrase;
};

// The words of the shares of one group. ASCII.
using GroupShares = std::vector<base::SecretBytes>;

// Splits `secret` (kMinSecretBytes to kMaxSecretBytes, even). The polynomials
// come from randomness mixed with the secret, so that repeated randomness does
// not give two secrets one polynomial. Thread-safe.
//
// Errors:
//   kInvalidArgument  a size, count, threshold, exponent or passphrase is out
//                     of the ranges above.
absl::StatusOr<std::vector<GroupShares>> Split(const base::SecretBytes& secret,
                                               const Splitting& splitting);
absl::StatusOr<std::vector<GroupShares>> Split(const base::SecretBytes& secret,
                                               const Splitting& splitting,
                                               RandomSource& random);

// Gives back what was split. Takes exactly the groups and the shares of each
// that are needed, in any order, as SLIP-0039 demands. Another passphrase gives
// another secret and no error. Not in constant time in the words.
//
// Errors, which name shares by their place in `shares` and never print words:
//   kInvalidArgument  a share cannot be read (see FromWords), is of another
//                     splitting than the first, or was given twice; too few or
//                     too many; the passphrase is not printable ASCII.
//   kDataLoss         the shares do not fit together: one of them was forged
//                     or is from another splitting.
absl::StatusOr<base::SecretBytes> Combine(
    std::span<const base::SecretBytes> shares, std::string_view passphrase);

}  // namespace limpid::crypto::slip39

#endif  // LIMPID_COMMON_CRYPTO_SLIP39_H_

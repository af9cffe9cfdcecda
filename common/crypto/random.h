// Randomness from the kernel, and keys that stay different when it repeats (a
// cloned machine that wakes with the same state). Randomness is an argument, so
// that tests can repeat it on purpose.

#ifndef LIMPID_COMMON_CRYPTO_RANDOM_H_
#define LIMPID_COMMON_CRYPTO_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::crypto {

// Thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  // Overwrites all of `out`. Cannot fail: no randomness aborts the process.
  virtual void Fill(std::span<std::uint8_t> out) = 0;

 protected:
  RandomSource() = default;
  RandomSource(const RandomSource&) = default;
  RandomSource& operator=(const RandomSource&) = default;
};

// getrandom(2), through libsodium. Lives as long as the process.
RandomSource& SystemRandom();

// `out`, or N bytes, or a secret of `size` bytes, from SystemRandom.
void FillRandom(std::span<std::uint8_t> out);
template <std::size_t N>
base::ByteArray<N> RandomArray() {
  base::ByteArray<N> out{};
  FillRandom(out);
  return out;
}
base::SecretBytes RandomSecret(std::size_t size);

// A fresh 32-byte key: BLAKE2b-256 keyed with 32 random bytes over `label`,
// `aad` and the digest of `plaintext` (docs/formats/envelope.md, "Hedged
// keys"). With good randomness a random key; with repeated randomness still a
// different key for every other label, associated data or plaintext.
base::SecretBytes HedgedKey(std::string_view label, base::ByteView aad,
                            base::ByteView plaintext);
base::SecretBytes HedgedKey(std::string_view label, base::ByteView aad,
                            base::ByteView plaintext, RandomSource& random);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_RANDOM_H_

// The bare primitives under envelopes and sealed boxes: no commitment, the
// caller chooses the nonce. For aead.cc and the published test vectors only;
// anything else wants aead.h or x25519.h.

#ifndef LIMPID_COMMON_CRYPTO_PRIMITIVES_H_
#define LIMPID_COMMON_CRYPTO_PRIMITIVES_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/base/bytes.h"
#include "common/crypto/aead.h"

namespace limpid::crypto::primitives {

// Both ciphers append 16 bytes of tag.
inline constexpr std::size_t kTagBytes = 16;

// 24 for suite 1, 12 for suite 2.
std::size_t NonceBytes(Suite suite);

struct AeadInput {
  base::ByteView key;    // 32 bytes.
  base::ByteView nonce;  // NonceBytes(suite).
  base::ByteView aad;
};

// Writes ciphertext and tag to `out`, which has kTagBytes more than
// `plaintext`. Aborts on a wrong length: the caller is ours.
void Encrypt(Suite suite, const AeadInput& input, base::ByteView plaintext,
             std::span<std::uint8_t> out);

// Writes the plaintext to `out`, which has kTagBytes less than `ciphertext`.
// Returns false on a wrong length or a failed tag; `out` is then all zero.
[[nodiscard]] bool Decrypt(Suite suite, const AeadInput& input,
                           base::ByteView ciphertext,
                           std::span<std::uint8_t> out);

// RFC 7748 X25519. False when the result is all zero (a point of small order);
// `shared` is then all zero.
[[nodiscard]] bool X25519(const base::ByteArray<32>& scalar,
                          const base::ByteArray<32>& point,
                          base::ByteArray<32>& shared);

}  // namespace limpid::crypto::primitives

#endif  // LIMPID_COMMON_CRYPTO_PRIMITIVES_H_

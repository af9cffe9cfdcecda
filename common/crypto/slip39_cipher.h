// The cipher between a secret and what is split (SLIP-0039, "Encryption of the
// master secret"): a Feistel network of four rounds whose round function is
// PBKDF2. It has no integrity: another passphrase gives another secret, not an
// error.

#ifndef LIMPID_COMMON_CRYPTO_SLIP39_CIPHER_H_
#define LIMPID_COMMON_CRYPTO_SLIP39_CIPHER_H_

#include <cstdint>
#include <string_view>

#include "common/base/secret.h"

namespace limpid::crypto::slip39 {

// What the cipher depends on beside the secret.
struct CipherSettings {
  // 15 bits; part of the salt unless `extendable`.
  std::uint16_t identifier = 0;
  // Whether more shares of the same secret may be made under another
  // identifier later.
  bool extendable = true;
  // 10,000 * 2^exponent iterations in all.
  std::uint8_t iteration_exponent = 0;
  std::string_view passphrase;
};

// The same length as the secret, which is even; an odd one aborts.
base::SecretBytes Encrypt(const base::SecretBytes& secret,
                          const CipherSettings& settings);
base::SecretBytes Decrypt(const base::SecretBytes& encrypted,
                          const CipherSettings& settings);

}  // namespace limpid::crypto::slip39

#endif  // LIMPID_COMMON_CRYPTO_SLIP39_CIPHER_H_

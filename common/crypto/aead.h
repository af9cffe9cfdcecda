// The one way bytes are sealed: an envelope with a suite byte, a nonce, a
// commitment to the key and an authenticated ciphertext. Knows nothing of what
// is inside or why the associated data reads as it does.
// docs/formats/envelope.md

#ifndef LIMPID_COMMON_CRYPTO_AEAD_H_
#define LIMPID_COMMON_CRYPTO_AEAD_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/random.h"

namespace limpid::crypto {

// Stored in every envelope: append, never renumber.
enum class Suite : std::uint8_t {
  // libsodium: XChaCha20-Poly1305-IETF, keyed BLAKE2b.
  kXChaCha20Poly1305 = 1,
  // OpenSSL: AES-256-GCM, HKDF and HMAC with SHA-256. One key seals at most
  // 2^32 envelopes (96-bit nonces).
  kAes256Gcm = 2,
};

inline constexpr std::size_t kAeadKeyBytes = 32;
// Names the key that seals, so that no envelope opens under another name.
using KeyId = base::ByteArray<16>;

// Largest plaintext: 64 MiB. Larger values are chunked by their format.
inline constexpr std::size_t kMaxPlaintextBytes = std::size_t{64} << 20U;

// Bytes an envelope has more than its plaintext: 73 or 61.
std::size_t EnvelopeOverhead(Suite suite);

// Errors:
//   kInvalidArgument  no suite has this number.
absl::StatusOr<Suite> ParseSuite(std::uint8_t number);
// The suite an envelope says it has, authenticated only by opening it.
absl::StatusOr<Suite> SuiteOf(base::ByteView envelope);

// Seals `plaintext` under `key` (32 bytes; another length aborts), bound to
// `key_id` and `aad`. The nonce depends on randomness and on the message, so
// repeated randomness repeats it for equal messages only. Thread-safe.
base::Bytes Seal(Suite suite, const base::SecretBytes& key, const KeyId& key_id,
                 base::ByteView aad, base::ByteView plaintext);
base::Bytes Seal(Suite suite, const base::SecretBytes& key, const KeyId& key_id,
                 base::ByteView aad, base::ByteView plaintext,
                 RandomSource& random);

// Opens what Seal made with the same key, key id and associated data. The
// commitment is compared in constant time before anything is decrypted.
// Thread-safe; under 3 us for 200 bytes.
//
// Errors:
//   kDataLoss  anything else; never says what.
absl::StatusOr<base::Bytes> Open(const base::SecretBytes& key,
                                 const KeyId& key_id, base::ByteView aad,
                                 base::ByteView envelope);

// Seal and Open for plaintexts that are keys (wraps): the same envelope, the
// plaintext never leaves guarded memory.
base::Bytes SealSecret(Suite suite, const base::SecretBytes& key,
                       const KeyId& key_id, base::ByteView aad,
                       const base::SecretBytes& secret);
absl::StatusOr<base::SecretBytes> OpenSecret(const base::SecretBytes& key,
                                             const KeyId& key_id,
                                             base::ByteView aad,
                                             base::ByteView envelope);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_AEAD_H_

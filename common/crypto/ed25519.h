// Ed25519 signatures (RFC 8032), by libsodium alone: two verifiers that
// disagree on edge cases would let one signature be valid here and invalid
// there. docs/adr/2026-11-20-one-ed25519-verifier.md

#ifndef LIMPID_COMMON_CRYPTO_ED25519_H_
#define LIMPID_COMMON_CRYPTO_ED25519_H_

#include <compare>
#include <cstddef>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::crypto {

inline constexpr std::size_t kEd25519PublicKeyBytes = 32;
inline constexpr std::size_t kEd25519SeedBytes = 32;
inline constexpr std::size_t kEd25519SignatureBytes = 64;

using Ed25519Signature = base::ByteArray<kEd25519SignatureBytes>;

// A value. Holding one promises nothing about the point: Verify refuses every
// signature under a key that is not canonical or of small order.
struct Ed25519PublicKey {
  base::ByteArray<kEd25519PublicKeyBytes> bytes{};

  // Errors:
  //   kInvalidArgument  not 32 bytes.
  static absl::StatusOr<Ed25519PublicKey> FromBytes(base::ByteView bytes);

  // Whether `signature` (64 bytes) is this key's over `message`. Refuses a
  // scalar that is not reduced. Thread-safe, about 50 us.
  [[nodiscard]] bool Verify(base::ByteView message,
                            base::ByteView signature) const;

  friend auto operator<=>(const Ed25519PublicKey&,
                          const Ed25519PublicKey&) = default;
};

// Move-only. Const calls are thread-safe.
class Ed25519PrivateKey {
 public:
  static Ed25519PrivateKey Generate();
  // Errors:
  //   kInvalidArgument  `seed` is not 32 bytes.
  static absl::StatusOr<Ed25519PrivateKey> FromSeed(
      const base::SecretBytes& seed);

  // Deterministic, about 20 us.
  [[nodiscard]] Ed25519Signature Sign(base::ByteView message) const;
  [[nodiscard]] const Ed25519PublicKey& PublicKey() const {
    return public_key_;
  }
  // A copy of the 32 bytes that FromSeed takes.
  [[nodiscard]] base::SecretBytes Seed() const;
  [[nodiscard]] Ed25519PrivateKey Clone() const;

 private:
  Ed25519PrivateKey(base::SecretBytes expanded,
                    const Ed25519PublicKey& public_key);

  base::SecretBytes expanded_;  // libsodium's form: seed || public key.
  Ed25519PublicKey public_key_;
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_ED25519_H_

// Sealed boxes: anybody can seal to a public key, only its holder opens, and
// the sender stays unnamed (libsodium's crypto_box_seal: X25519 and
// XSalsa20-Poly1305 under an ephemeral key). Not committing and without
// associated data: what is inside must say what it is for.

#ifndef LIMPID_COMMON_CRYPTO_X25519_H_
#define LIMPID_COMMON_CRYPTO_X25519_H_

#include <compare>
#include <cstddef>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::crypto {

inline constexpr std::size_t kX25519KeyBytes = 32;
// What a sealed box has more than its plaintext.
inline constexpr std::size_t kSealedBoxOverhead = 48;

struct X25519PublicKey {
  base::ByteArray<kX25519KeyBytes> bytes{};

  // Errors:
  //   kInvalidArgument  not 32 bytes.
  static absl::StatusOr<X25519PublicKey> FromBytes(base::ByteView bytes);

  // Seals to this key; about 80 us.
  //
  // Errors:
  //   kInvalidArgument  the key is of small order: anybody could open.
  [[nodiscard]] absl::StatusOr<base::Bytes> Seal(
      base::ByteView plaintext) const;

  friend auto operator<=>(const X25519PublicKey&,
                          const X25519PublicKey&) = default;
};

// Move-only. Const calls are thread-safe.
class X25519PrivateKey {
 public:
  static X25519PrivateKey Generate();
  // Errors:
  //   kInvalidArgument  `scalar` is not 32 bytes.
  static absl::StatusOr<X25519PrivateKey> FromBytes(
      const base::SecretBytes& scalar);

  // Opens what was sealed to PublicKey(); about 40 us.
  //
  // Errors:
  //   kDataLoss  anything else; never says what.
  [[nodiscard]] absl::StatusOr<base::SecretBytes> Open(
      base::ByteView sealed) const;
  [[nodiscard]] const X25519PublicKey& PublicKey() const { return public_key_; }
  // A copy of the 32 bytes that FromBytes takes.
  [[nodiscard]] base::SecretBytes Bytes() const { return scalar_.Clone(); }

 private:
  X25519PrivateKey(base::SecretBytes scalar, const X25519PublicKey& public_key);

  base::SecretBytes scalar_;
  X25519PublicKey public_key_;
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_X25519_H_

// ECDSA with P-256 and SHA-256 over OpenSSL, for the keys that certificates,
// phones and other people's tokens use. Ours to sign with is Ed25519.

#ifndef LIMPID_COMMON_CRYPTO_ES256_H_
#define LIMPID_COMMON_CRYPTO_ES256_H_

#include <cstddef>
#include <memory>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::crypto {

inline constexpr std::size_t kEs256CoordinateBytes = 32;
// r || s, each 32 bytes big-endian (RFC 7518 section 3.4).
inline constexpr std::size_t kEs256SignatureBytes = 64;

using Es256Signature = base::ByteArray<kEs256SignatureBytes>;
using Es256Coordinate = base::ByteArray<kEs256CoordinateBytes>;

// Cheap to copy: copies share one immutable key. Thread-safe.
class Es256PublicKey {
 public:
  // The affine coordinates, big-endian, as a JWK has them.
  //
  // Errors:
  //   kInvalidArgument  no point of P-256 has them.
  static absl::StatusOr<Es256PublicKey> FromCoordinates(
      const Es256Coordinate& x, const Es256Coordinate& y);
  // A DER SubjectPublicKeyInfo.
  //
  // Errors:
  //   kInvalidArgument  not that, trailing bytes, or another kind of key.
  static absl::StatusOr<Es256PublicKey> FromSpki(base::ByteView der);

  [[nodiscard]] const Es256Coordinate& x() const;
  [[nodiscard]] const Es256Coordinate& y() const;

  // Whether `signature`, 64 bytes r || s, is this key's over `message`. Both
  // s and -s verify, as the standard has it: never use a signature as a name.
  [[nodiscard]] bool Verify(base::ByteView message,
                            base::ByteView signature) const;
  // The same for a strict DER ECDSA-Sig-Value.
  [[nodiscard]] bool VerifyDer(base::ByteView message,
                               base::ByteView signature) const;

 private:
  friend class Es256PrivateKey;
  struct Impl;
  explicit Es256PublicKey(std::shared_ptr<const Impl> impl);

  // Shared so that a key can be a value; never changed once made.
  std::shared_ptr<const Impl> impl_;
};

// Move-only. Const calls are thread-safe.
class Es256PrivateKey {
 public:
  static Es256PrivateKey Generate();
  // A PEM private key (PKCS #8 or SEC 1) without a passphrase.
  //
  // Errors:
  //   kInvalidArgument  not that, or another kind of key.
  static absl::StatusOr<Es256PrivateKey> FromPem(const base::SecretBytes& pem);

  Es256PrivateKey(Es256PrivateKey&& other) noexcept;
  Es256PrivateKey& operator=(Es256PrivateKey&& other) noexcept;
  Es256PrivateKey(const Es256PrivateKey&) = delete;
  Es256PrivateKey& operator=(const Es256PrivateKey&) = delete;
  ~Es256PrivateKey();

  // Randomised.
  [[nodiscard]] Es256Signature Sign(base::ByteView message) const;
  [[nodiscard]] const Es256PublicKey& PublicKey() const { return public_key_; }
  // PKCS #8, what FromPem takes.
  [[nodiscard]] base::SecretBytes Pem() const;

 private:
  struct Impl;
  Es256PrivateKey(std::unique_ptr<Impl> impl, Es256PublicKey public_key);

  std::unique_ptr<Impl> impl_;
  Es256PublicKey public_key_;
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_ES256_H_

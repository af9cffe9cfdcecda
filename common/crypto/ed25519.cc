#include "common/crypto/ed25519.h"

#include <sodium.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"

namespace limpid::crypto {

using base::ByteView;
using base::SecretAccess;
using base::SecretBytes;

static_assert(crypto_sign_PUBLICKEYBYTES == kEd25519PublicKeyBytes);
static_assert(crypto_sign_SEEDBYTES == kEd25519SeedBytes);
static_assert(crypto_sign_BYTES == kEd25519SignatureBytes);

absl::StatusOr<Ed25519PublicKey> Ed25519PublicKey::FromBytes(ByteView bytes) {
  LIMPID_ASSIGN_OR_RETURN(const auto array,
                          base::ToArray<kEd25519PublicKeyBytes>(bytes));
  return Ed25519PublicKey{array};
}

bool Ed25519PublicKey::Verify(ByteView message, ByteView signature) const {
  return signature.size() == kEd25519SignatureBytes &&
         crypto_sign_verify_detached(signature.data(), message.data(),
                                     message.size(), bytes.data()) == 0;
}

Ed25519PrivateKey::Ed25519PrivateKey(SecretBytes expanded,
                                     const Ed25519PublicKey& public_key)
    : expanded_(std::move(expanded)), public_key_(public_key) {}

Ed25519PrivateKey Ed25519PrivateKey::Generate() {
  return *FromSeed(RandomSecret(kEd25519SeedBytes));
}

absl::StatusOr<Ed25519PrivateKey> Ed25519PrivateKey::FromSeed(
    const SecretBytes& seed) {
  if (seed.size() != kEd25519SeedBytes) {
    return absl::InvalidArgumentError("an Ed25519 seed has 32 bytes");
  }
  SecretBytes expanded(crypto_sign_SECRETKEYBYTES);
  Ed25519PublicKey public_key;
  LIMPID_CHECK(crypto_sign_seed_keypair(
                   public_key.bytes.data(),
                   expanded.RevealMutable(SecretAccess::Get()).data(),
                   seed.Reveal(SecretAccess::Get()).data()) == 0);
  return Ed25519PrivateKey(std::move(expanded), public_key);
}

Ed25519Signature Ed25519PrivateKey::Sign(ByteView message) const {
  Ed25519Signature out{};
  const ByteView key = expanded_.Reveal(SecretAccess::Get());
  LIMPID_CHECK(crypto_sign_detached(out.data(), nullptr, message.data(),
                                    message.size(), key.data()) == 0);
  return out;
}

SecretBytes Ed25519PrivateKey::Seed() const {
  return SecretBytes::Copy(
      expanded_.Reveal(SecretAccess::Get()).first(kEd25519SeedBytes));
}

Ed25519PrivateKey Ed25519PrivateKey::Clone() const {
  return {expanded_.Clone(), public_key_};
}

}  // namespace limpid::crypto

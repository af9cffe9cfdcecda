#include "common/crypto/x25519.h"

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

static_assert(crypto_box_PUBLICKEYBYTES == kX25519KeyBytes);
static_assert(crypto_box_SECRETKEYBYTES == kX25519KeyBytes);
static_assert(crypto_box_SEALBYTES == kSealedBoxOverhead);

absl::StatusOr<X25519PublicKey> X25519PublicKey::FromBytes(ByteView bytes) {
  LIMPID_ASSIGN_OR_RETURN(const auto array,
                          base::ToArray<kX25519KeyBytes>(bytes));
  return X25519PublicKey{array};
}

absl::StatusOr<base::Bytes> X25519PublicKey::Seal(ByteView plaintext) const {
  base::Bytes out(plaintext.size() + kSealedBoxOverhead);
  if (crypto_box_seal(out.data(), plaintext.data(), plaintext.size(),
                      bytes.data()) != 0) {
    return absl::InvalidArgumentError("nothing can be sealed to this key");
  }
  return out;
}

X25519PrivateKey::X25519PrivateKey(SecretBytes scalar,
                                   const X25519PublicKey& public_key)
    : scalar_(std::move(scalar)), public_key_(public_key) {}

X25519PrivateKey X25519PrivateKey::Generate() {
  return *FromBytes(RandomSecret(kX25519KeyBytes));
}

absl::StatusOr<X25519PrivateKey> X25519PrivateKey::FromBytes(
    const SecretBytes& scalar) {
  if (scalar.size() != kX25519KeyBytes) {
    return absl::InvalidArgumentError("an X25519 key has 32 bytes");
  }
  X25519PublicKey public_key;
  LIMPID_CHECK(
      crypto_scalarmult_base(public_key.bytes.data(),
                             scalar.Reveal(SecretAccess::Get()).data()) == 0);
  return X25519PrivateKey(scalar.Clone(), public_key);
}

absl::StatusOr<SecretBytes> X25519PrivateKey::Open(ByteView sealed) const {
  const auto refused = absl::DataLossError("the sealed box cannot be opened");
  if (sealed.size() < kSealedBoxOverhead) return refused;
  SecretBytes out(sealed.size() - kSealedBoxOverhead);
  if (crypto_box_seal_open(out.RevealMutable(SecretAccess::Get()).data(),
                           sealed.data(), sealed.size(),
                           public_key_.bytes.data(),
                           scalar_.Reveal(SecretAccess::Get()).data()) != 0) {
    return refused;
  }
  return out;
}

}  // namespace limpid::crypto

// A root key that this process holds in its own memory, as those who keep it
// gave it: the shares of operators put together. Writes it nowhere; the server
// keeps a commitment to it. docs/formats/root-key-shares.md

#ifndef LIMPID_COMMON_CRYPTO_HELD_ROOT_KEY_H_
#define LIMPID_COMMON_CRYPTO_HELD_ROOT_KEY_H_

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/root_key.h"

namespace limpid::crypto {

// RootKey::id of a key whose bytes we have. `key` has kAeadKeyBytes.
KeyId RootKeyId(const base::SecretBytes& key);

// Tells whether a key is the one that was split, and nothing about it: whoever
// has this must guess 256 bits. `key` has kAeadKeyBytes.
base::Digest32 RootKeyCommitment(const base::SecretBytes& key);

class HeldRootKey final : public RootKey {
 public:
  // `key` has kAeadKeyBytes; another length aborts.
  explicit HeldRootKey(base::SecretBytes key);

  [[nodiscard]] KeyId id() const override { return id_; }
  absl::StatusOr<base::Bytes> Wrap(const base::SecretBytes& key,
                                   base::ByteView aad) const override;
  absl::StatusOr<base::SecretBytes> Unwrap(base::ByteView wrapped,
                                           base::ByteView aad) const override;

 private:
  const base::SecretBytes key_;
  const KeyId id_;
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_HELD_ROOT_KEY_H_

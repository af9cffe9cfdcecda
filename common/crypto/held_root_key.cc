#include "common/crypto/held_root_key.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"

namespace limpid::crypto {
namespace {

constexpr std::string_view kIdLabel = "limpid/root-key-id/1";
constexpr std::string_view kCommitmentLabel = "limpid/root-key-commitment/1";

}  // namespace

KeyId RootKeyId(const base::SecretBytes& key) {
  const base::Digest32 digest = KeyedBlake2b256(key, {base::AsBytes(kIdLabel)});
  KeyId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

base::Digest32 RootKeyCommitment(const base::SecretBytes& key) {
  return KeyedBlake2b256(key, {base::AsBytes(kCommitmentLabel)});
}

HeldRootKey::HeldRootKey(base::SecretBytes key)
    : key_(std::move(key)), id_(RootKeyId(key_)) {
  LIMPID_CHECK(key_.size() == kAeadKeyBytes);
}

absl::StatusOr<base::Bytes> HeldRootKey::Wrap(const base::SecretBytes& key,
                                              base::ByteView aad) const {
  return SealSecret(Suite::kXChaCha20Poly1305, key_, id_, aad, key);
}

absl::StatusOr<base::SecretBytes> HeldRootKey::Unwrap(
    base::ByteView wrapped, base::ByteView aad) const {
  return OpenSecret(key_, id_, aad, wrapped);
}

}  // namespace limpid::crypto

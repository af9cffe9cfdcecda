// A root key inside a PKCS#11 token (a hardware security module, a smart card,
// SoftHSM in tests): an AES-256 key that the token made and never gives away.
// Whoever steals disks has nothing without the token. docs/formats/keyring.md

#ifndef LIMPID_COMMON_CRYPTO_TOKEN_ROOT_KEY_H_
#define LIMPID_COMMON_CRYPTO_TOKEN_ROOT_KEY_H_

#include <filesystem>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/root_key.h"

namespace limpid::crypto {

// Where a root key lies.
struct TokenPlace {
  // The module: a shared library from the token's maker.
  std::filesystem::path module;
  // Label of the token, 1 to 32 bytes.
  std::string token;
  // Label of the key in it, 1 to 64 bytes.
  std::string key;
  // Its user's PIN: one line, a file of the process's user alone.
  std::filesystem::path pin_file;
};

// One at a time per process: PKCS#11 logs in processes, not objects. The PIN is
// read once and not kept. Calls take a mutex; a wrap is one call of the token.
class TokenRootKey final : public RootKey {
 public:
  // Makes the key in the token: AES-256, sensitive, not extractable.
  //
  // Errors, each one sentence; nothing is changed:
  //   kAlreadyExists       the token has a key of this label.
  //   kInvalidArgument     a label is empty or too long.
  //   kNotFound            no module, token or PIN file.
  //   kFailedPrecondition  the token is locked, or close to it; the PIN file
  //                        can be read by others.
  //   kPermissionDenied    the PIN is wrong.
  //   kUnavailable         the token does not answer.
  static absl::Status CreateKey(const TokenPlace& place);

  // Errors: those of CreateKey without the first, and
  //   kNotFound            the token has no key of this label.
  //   kFailedPrecondition  it has two; or the key could leave the token, once
  //                        could, is not AES-256 or has no id.
  static absl::StatusOr<std::unique_ptr<TokenRootKey>> Open(
      const TokenPlace& place);
  ~TokenRootKey() override;
  TokenRootKey(const TokenRootKey&) = delete;
  TokenRootKey& operator=(const TokenRootKey&) = delete;

  // From the key's public id in the token (CKA_ID).
  [[nodiscard]] KeyId id() const override { return id_; }
  absl::StatusOr<base::Bytes> Wrap(const base::SecretBytes& key,
                                   base::ByteView aad) const override;
  absl::StatusOr<base::SecretBytes> Unwrap(base::ByteView wrapped,
                                           base::ByteView aad) const override;

 private:
  class Token;

  TokenRootKey(std::unique_ptr<Token> token, const KeyId& id);

  const std::unique_ptr<Token> token_;
  const KeyId id_;
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_TOKEN_ROOT_KEY_H_

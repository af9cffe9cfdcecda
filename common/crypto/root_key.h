// The root of a role's key tree, as an interface: a token that never gives the
// key away, or a file for development. Wraps small keys and nothing else.
// docs/formats/keyring.md

#ifndef LIMPID_COMMON_CRYPTO_ROOT_KEY_H_
#define LIMPID_COMMON_CRYPTO_ROOT_KEY_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"

namespace limpid::crypto {

// Thread-safe.
class RootKey {
 public:
  virtual ~RootKey() = default;
  RootKey(const RootKey&) = delete;
  RootKey& operator=(const RootKey&) = delete;

  // Public name of the key: the same key has the same, another key another.
  [[nodiscard]] virtual KeyId id() const = 0;
  // Errors:
  //   kUnavailable  the token does not answer.
  virtual absl::StatusOr<base::Bytes> Wrap(const base::SecretBytes& key,
                                           base::ByteView aad) const = 0;
  // Errors:
  //   kDataLoss     not wrapped by this key with this associated data.
  //   kUnavailable  the token does not answer.
  virtual absl::StatusOr<base::SecretBytes> Unwrap(
      base::ByteView wrapped, base::ByteView aad) const = 0;

 protected:
  RootKey() = default;
};

// Takes one sentence for the operator.
using WarningSink = std::function<void(std::string_view)>;

// A root key in a file: for development and tests, because whoever copies the
// file has everything. Says so at every open.
class FileRootKey final : public RootKey {
 public:
  // Makes a random key and its file (0600).
  //
  // Errors:
  //   kAlreadyExists  the file exists.
  //   others          as base::WriteFileAtomically.
  static absl::Status CreateFile(const std::filesystem::path& path);

  // Errors:
  //   kNotFound            no such file.
  //   kFailedPrecondition  somebody else than the owner may read it, or it is
  //                        not this process's.
  //   kDataLoss            it holds something else than a root key.
  static absl::StatusOr<std::unique_ptr<FileRootKey>> Open(
      const std::filesystem::path& path, const WarningSink& warn);

  [[nodiscard]] KeyId id() const override { return id_; }
  absl::StatusOr<base::Bytes> Wrap(const base::SecretBytes& key,
                                   base::ByteView aad) const override;
  absl::StatusOr<base::SecretBytes> Unwrap(base::ByteView wrapped,
                                           base::ByteView aad) const override;

 private:
  explicit FileRootKey(base::SecretBytes key);

  base::SecretBytes key_;
  KeyId id_;
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_ROOT_KEY_H_

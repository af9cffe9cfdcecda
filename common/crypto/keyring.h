// A role's keys at rest: one small file of named random keys, each wrapped
// under a key-encryption key (KEK) of an epoch, each KEK wrapped under the root
// key. Destroying the root key, or the KEK of an epoch, destroys what is below.
// Knows no person: person keys live in the key store of their role.
// docs/formats/keyring.md

#ifndef LIMPID_COMMON_CRYPTO_KEYRING_H_
#define LIMPID_COMMON_CRYPTO_KEYRING_H_

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/root_key.h"

namespace limpid::crypto {

// Wraps person keys and the ring's own keys. Epochs count from 1.
struct KeyEncryptionKey {
  std::uint32_t epoch = 0;
  KeyId id{};
  base::SecretBytes key;
};

// Thread-safe. One process per file: the caller holds the directory's lock.
// After an error of a change the file has the old state or the new, as of
// base::WriteFileAtomically. What was to be added is not there for this
// process, which so uses nothing that a loss of power could take; a restart may
// find it. Of what was to be taken or moved this process goes on with what the
// file says.
class KeyRing {
 public:
  // Named keys have 32 bytes (signing seed, MAC key), 48 (database key) or up
  // to 96.
  static constexpr std::size_t kMinKeyBytes = 32;
  static constexpr std::size_t kMaxKeyBytes = 96;

  // Makes a ring with epoch 1 and no named key, and its file (0600). `role`
  // ("vault") and names ("store-db") are 1 to 64 of [a-z0-9-].
  //
  // Errors:
  //   kAlreadyExists    the file exists.
  //   kInvalidArgument  `role` has other characters.
  //   others            as base::WriteFileAtomically and RootKey.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Create(
      const std::filesystem::path& path, std::string_view role,
      std::shared_ptr<const RootKey> root);

  // Opens and unwraps everything.
  //
  // Errors:
  //   kNotFound            no such file.
  //   kFailedPrecondition  another root key made it, or it is another role's,
  //                        or a newer version wrote it.
  //   kDataLoss            it was damaged or changed.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(
      const std::filesystem::path& path, std::string_view role,
      std::shared_ptr<const RootKey> root);

  // A copy of the named key.
  //
  // Errors:
  //   kNotFound  no key has this name.
  absl::StatusOr<base::SecretBytes> Get(std::string_view name) const;

  // The same; makes it, random and durable on return, when it is absent.
  //
  // Errors:
  //   kInvalidArgument     `name` or `size_bytes` is out of range.
  //   kFailedPrecondition  the key exists with another size.
  //   others               as base::WriteFileAtomically.
  absl::StatusOr<base::SecretBytes> GetOrCreate(std::string_view name,
                                                std::size_t size_bytes);

  [[nodiscard]] std::uint32_t current_epoch() const;
  // A copy of the KEK of `epoch`.
  //
  // Errors:
  //   kNotFound  never made, or destroyed.
  absl::StatusOr<KeyEncryptionKey> Kek(std::uint32_t epoch) const;
  // Starts the next epoch, durable on return. Wraps of earlier epochs stay
  // readable.
  absl::StatusOr<std::uint32_t> AddEpoch();

  // Those whose KEK stands, ascending; never empty.
  [[nodiscard]] std::vector<std::uint32_t> epochs() const;
  // Destroys the KEK of an earlier epoch: wraps the ring's own keys that hang
  // on it under the newest, and replaces the file without it, durable on
  // return. Whatever else it wraps is lost. Copies of the file from before
  // still have it, and the disk may keep the old file's blocks.
  //
  // Errors, of which the last leave it open whether the KEK stands or is gone,
  // as epochs() says:
  //   kNotFound            never made, or destroyed before.
  //   kFailedPrecondition  it is the newest.
  //   others               as base::WriteFileAtomically.
  absl::Status DestroyEpoch(std::uint32_t epoch);

  // Hangs the ring on another root key: wraps every KEK anew and replaces the
  // file as a whole, durable on return. Wraps under KEKs do not change. Copies
  // of the file from before still open with the old root key.
  //
  // Errors, after which the ring hangs on the old root key or on this one, so
  // that both are needed until it went well:
  //   as base::WriteFileAtomically and RootKey.
  absl::Status ChangeRoot(std::shared_ptr<const RootKey> root);

 private:
  struct Epoch {
    KeyId id{};
    base::SecretBytes key;
    base::Bytes wrapped;
  };
  struct Named {
    std::uint32_t epoch = 0;
    base::SecretBytes key;
    base::Bytes wrapped;
  };
  struct Contents {
    std::map<std::uint32_t, Epoch> epochs;
    std::map<std::string, Named, std::less<>> keys;
  };
  class Reader;

  KeyRing(std::filesystem::path path, std::string role,
          std::shared_ptr<const RootKey> root);
  [[nodiscard]] std::string Text() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Save() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether the file has these contents, after a Save that failed.
  [[nodiscard]] bool IsStored() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Swaps the root key and the KEKs' wraps under it with those given.
  void Exchange(std::shared_ptr<const RootKey>& root,
                std::map<std::uint32_t, base::Bytes>& wraps)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::filesystem::path path_;
  const std::string role_;
  mutable base::Mutex mutex_;
  // Shared: all rings of a process hang on one root.
  std::shared_ptr<const RootKey> root_ ABSL_GUARDED_BY(mutex_);
  Contents contents_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_KEYRING_H_

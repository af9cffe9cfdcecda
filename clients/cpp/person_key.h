// The key on a person's device that is her identity, and its file. Signs
// tokens and statements; its bytes leave this class only into the file.

#ifndef LIMPID_CLIENTS_CPP_PERSON_KEY_H_
#define LIMPID_CLIENTS_CPP_PERSON_KEY_H_

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::client {

// Move-only. Const calls are thread-safe.
class PersonKey {
 public:
  static PersonKey Generate();

  // Reads a key file: JSON {"format": "limpid-person-key/1", "seed": base64url
  // of 32 bytes}, readable by its owner alone.
  //
  // Errors:
  //   kNotFound            no such file.
  //   kFailedPrecondition  others may read the file.
  //   kInvalidArgument     not a key file.
  static absl::StatusOr<PersonKey> Read(const std::filesystem::path& file);
  // Writes a new file with permissions 0600; durable on return.
  //
  // Errors:
  //   kAlreadyExists  the file exists: a key is never overwritten.
  [[nodiscard]] absl::Status WriteNew(const std::filesystem::path& file) const;

  [[nodiscard]] const crypto::Ed25519PrivateKey& key() const { return key_; }
  // RFC 7638, as accounts know it.
  [[nodiscard]] std::string Thumbprint() const;
  // The key that services see under one record, never the identity key.
  // Derived from the seed and the record id, so that it needs no file.
  [[nodiscard]] crypto::Ed25519PrivateKey GrantKey(
      std::string_view record_id) const;

 private:
  explicit PersonKey(crypto::Ed25519PrivateKey key) : key_(std::move(key)) {}

  crypto::Ed25519PrivateKey key_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_PERSON_KEY_H_

// The keys that a service makes and keeps: files of its own, and the proofs by
// which an administrator registers their public halves.

#ifndef LIMPID_CLIENTS_CPP_SERVICE_KEY_FILE_H_
#define LIMPID_CLIENTS_CPP_SERVICE_KEY_FILE_H_

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/x25519.h"
#include "limpid/consent/v1/service_key.pb.h"

namespace limpid::client {

// A signing key is in a file of PersonKey's form. An encryption key: JSON
// {"format": "limpid-service-encryption-key/1", "private_key": base64url of 32
// bytes}, readable by its owner alone.
//
// Errors:
//   kNotFound            no such file.
//   kFailedPrecondition  others may read the file.
//   kInvalidArgument     not such a file.
absl::StatusOr<crypto::X25519PrivateKey> ReadEncryptionKey(
    const std::filesystem::path& file);
// Writes a new file with permissions 0600; durable on return.
//
// Errors:
//   kAlreadyExists  the file exists: a key is never overwritten.
absl::Status WriteNewEncryptionKey(const crypto::X25519PrivateKey& key,
                                   const std::filesystem::path& file);

// The public half with the proof of the service that holds it.
//
// Errors:
//   kInvalidArgument  not a "svc_" id.
absl::StatusOr<consent::v1::ServicePublicKey> ProvenSigningKey(
    std::string_view service_id, const crypto::Ed25519PrivateKey& key);
// Proved by a signing key of the service.
absl::StatusOr<consent::v1::ServicePublicKey> ProvenEncryptionKey(
    std::string_view service_id, const crypto::X25519PublicKey& key,
    const crypto::Ed25519PrivateKey& prover);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SERVICE_KEY_FILE_H_

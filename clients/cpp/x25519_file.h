// Private X25519 keys in files of their own: JSON {"format": ...,
// "private_key": base64url of 32 bytes}, readable by their owner alone.

#ifndef LIMPID_CLIENTS_CPP_X25519_FILE_H_
#define LIMPID_CLIENTS_CPP_X25519_FILE_H_

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/crypto/x25519.h"

namespace limpid::client {

// `format` says whose key it is; `what` names the file in messages ("a device's
// key file").
//
// Errors:
//   kNotFound            no such file.
//   kFailedPrecondition  others may read the file.
//   kInvalidArgument     not such a file.
absl::StatusOr<crypto::X25519PrivateKey> ReadX25519File(
    const std::filesystem::path& file, std::string_view format,
    std::string_view what);

// Writes a new file with permissions 0600; durable on return.
//
// Errors:
//   kAlreadyExists  the file exists: a key is never overwritten.
absl::Status WriteNewX25519File(const crypto::X25519PrivateKey& key,
                                std::string_view format,
                                const std::filesystem::path& file);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_X25519_FILE_H_

// Secrets in files: read only when nobody but this process's user can.

#ifndef LIMPID_COMMON_CRYPTO_PRIVATE_FILE_H_
#define LIMPID_COMMON_CRYPTO_PRIVATE_FILE_H_

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::crypto {

// The whole of the file. `what` names it in messages ("the root key").
//
// Errors:
//   kNotFound            no such file.
//   kFailedPrecondition  somebody else than the owner may read, write or run
//                        it, or it is not this process's.
//   others               as base::ReadFileBytes.
absl::StatusOr<base::SecretBytes> ReadPrivateFile(
    const std::filesystem::path& path, std::string_view what,
    std::size_t max_bytes);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_PRIVATE_FILE_H_

// One share in a file that a person can read, print and type again: some lines
// for whoever keeps it, then the words of SLIP-0039.
// docs/formats/guardian-shares.md

#ifndef LIMPID_COMMON_CRYPTO_SHARE_PAGE_H_
#define LIMPID_COMMON_CRYPTO_SHARE_PAGE_H_

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::crypto::slip39 {

// Writes a new file with permissions 0600; durable on return. `preface` ends
// with a line end and has no line "words:".
//
// Errors:
//   kAlreadyExists  the file exists: a share is never overwritten.
//   others          as base::WriteNewFile.
absl::Status WriteNewSharePage(const base::SecretBytes& words,
                               std::string_view preface,
                               const std::filesystem::path& file);

// The words of a page, or of a file that has nothing but words, as typed.
// Whether they are a share is not looked at. At most 4096 bytes are read.
//
// Errors:
//   kNotFound         no such file.
//   kInvalidArgument  there are no words in it, or it is too long to be one.
absl::StatusOr<base::SecretBytes> ReadSharePage(
    const std::filesystem::path& file);

}  // namespace limpid::crypto::slip39

#endif  // LIMPID_COMMON_CRYPTO_SHARE_PAGE_H_

// One secret in a file of its owner's: JSON {"format": F, M: base64url}. Knows
// no key.

#ifndef LIMPID_CLIENTS_CPP_SECRET_FILE_H_
#define LIMPID_CLIENTS_CPP_SECRET_FILE_H_

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::client {

struct SecretFileForm {
  std::string_view format;
  std::string_view member;
  // "a person's key file", for messages.
  std::string_view what;
};

// At most 4096 bytes are read. Wipes the file's bytes and what it decodes
// itself; the JSON value that held the secret in between goes unwiped, and a
// copy may stay in freed memory until that is used again.
//
// Errors, all but the first IsAboutOwnFile:
//   kNotFound            no such file.
//   any                  of reading it.
//   kFailedPrecondition  others may read, write or run it.
//   kInvalidArgument     not a file of this form.
absl::StatusOr<base::SecretBytes> ReadSecretFile(
    const std::filesystem::path& file, const SecretFileForm& form);

// Makes the file with permissions 0600; durable on return.
//
// Errors:
//   kAlreadyExists  the file exists: a key is never overwritten.
//   others          of writing it: IsAboutOwnFile.
absl::Status WriteNewSecretFile(const base::SecretBytes& secret,
                                const std::filesystem::path& file,
                                const SecretFileForm& form);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SECRET_FILE_H_

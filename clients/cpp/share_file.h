// One guardian's share in a file that a person can read, print and type again:
// some lines for the guardian, then the words of SLIP-0039. Says nothing of
// whose it is. docs/formats/guardian-shares.md

#ifndef LIMPID_CLIENTS_CPP_SHARE_FILE_H_
#define LIMPID_CLIENTS_CPP_SHARE_FILE_H_

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/secret.h"

namespace limpid::client {

// Which share of a set it is, from 1.
struct ShareOf {
  std::uint8_t place = 1;
  std::uint8_t threshold = 1;
  std::uint8_t count = 1;
};

// "guardian-1-of-3.txt".
std::string ShareFileName(const ShareOf& share);

// Writes a new file with permissions 0600; durable on return.
//
// Errors:
//   kAlreadyExists  the file exists: a share is never overwritten.
absl::Status WriteNewShareFile(const base::SecretBytes& words,
                               const ShareOf& share,
                               const std::filesystem::path& file);

// The words of a share file, or of a file that has nothing but words, as typed.
// Whether they are a share is not looked at. At most 4096 bytes are read.
//
// Errors:
//   kNotFound         no such file.
//   kInvalidArgument  there are no words in it, or it is too long to be one.
absl::StatusOr<base::SecretBytes> ReadShareFile(
    const std::filesystem::path& file);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SHARE_FILE_H_

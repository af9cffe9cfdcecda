// Files that a command makes and that never take the place of another: what is
// there may be the only copy of it.

#ifndef LIMPID_CLIENTS_CLI_NEW_FILE_H_
#define LIMPID_CLIENTS_CLI_NEW_FILE_H_

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "absl/status/status.h"

namespace limpid::cli {

// Whether nothing has that name yet: for before a command does what cannot be
// undone. WriteNewTextFile decides.
//
// Errors:
//   kAlreadyExists  something has; says what to do, exit code 5.
absl::Status CheckIsNew(const std::filesystem::path& file);

// Makes a file that was not there.
//
// Errors:
//   kAlreadyExists  something has that name and is left as it is; says what to
//                   do, exit code 5.
//   others          as WriteTextFile.
absl::Status WriteNewTextFile(const std::filesystem::path& file,
                              std::string_view text, mode_t mode);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_NEW_FILE_H_

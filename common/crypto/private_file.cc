#include "common/crypto/private_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::crypto {
namespace {

absl::Status CheckPrivate(const std::filesystem::path& path,
                          std::string_view what) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    return absl::NotFoundError(absl::StrCat("cannot find ", base::ToAbsl(what),
                                            " at ", path.string()));
  }
  constexpr mode_t kOthers = S_IRWXG | S_IRWXO;
  if ((info.st_mode & kOthers) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        base::ToAbsl(what), " ", path.string(),
        " may be read by others than its owner: run chmod 600 on it"));
  }
  if (info.st_uid != ::geteuid()) {
    return absl::FailedPreconditionError(absl::StrCat(
        base::ToAbsl(what), " ", path.string(), " belongs to another user"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<base::SecretBytes> ReadPrivateFile(
    const std::filesystem::path& path, std::string_view what,
    std::size_t max_bytes) {
  LIMPID_RETURN_IF_ERROR(CheckPrivate(path, what));
  LIMPID_ASSIGN_OR_RETURN(base::Bytes bytes,
                          base::ReadFileBytes(path, max_bytes));
  base::SecretBytes secret = base::SecretBytes::Copy(bytes);
  base::Wipe(bytes);
  return secret;
}

}  // namespace limpid::crypto

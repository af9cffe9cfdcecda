#include "clients/cli/new_file.h"

#include <system_error>

#include "absl/strings/str_cat.h"
#include "clients/cli/failure.h"
#include "clients/cli/session.h"
#include "common/base/bytes.h"
#include "common/base/file.h"

namespace limpid::cli {
namespace {

absl::Status IsThere(const std::filesystem::path& file) {
  return WithNext(
      StateBroken(absl::AlreadyExistsError(
          absl::StrCat(file.string(),
                       " is there already and was left as it "
                       "is"))),
      "name a file that is not there yet, or move that one away first");
}

}  // namespace

absl::Status CheckIsNew(const std::filesystem::path& file) {
  std::error_code error;
  const auto found = std::filesystem::symlink_status(file, error);
  return std::filesystem::exists(found) ? IsThere(file) : absl::OkStatus();
}

absl::Status WriteNewTextFile(const std::filesystem::path& file,
                              std::string_view text, mode_t mode) {
  const absl::Status written =
      base::WriteNewFile(file, base::AsBytes(text), mode);
  return absl::IsAlreadyExists(written) ? IsThere(file) : CannotWrite(written);
}

}  // namespace limpid::cli

#include "clients/cpp/secret_file.h"

#include <sys/stat.h>

#include <cstddef>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

constexpr std::size_t kMaxFileBytes = 4096;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

}  // namespace

absl::StatusOr<base::SecretBytes> ReadSecretFile(
    const std::filesystem::path& file, const SecretFileForm& form) {
  const auto refused = [&] {
    return AboutOwnFile(absl::InvalidArgumentError(
        absl::StrCat(file.string(), " is not ", base::ToAbsl(form.what))));
  };
  struct stat facts {};
  if (stat(file.c_str(), &facts) == 0 && (facts.st_mode & kOthers) != 0) {
    return AboutOwnFile(absl::FailedPreconditionError(
        absl::StrCat("others may read ", file.string(), "; run: chmod 600 ",
                     file.string())));
  }
  LIMPID_ASSIGN_OR_RETURN(base::Bytes text,
                          ReadDeviceFile(file, kMaxFileBytes));
  const auto value = json::ParseStrict(base::AsText(text));
  base::Wipe(text);
  if (!value.ok() || value->GetString("format").value_or("") != form.format) {
    return refused();
  }
  std::string encoded = value->GetString(form.member).value_or("");
  auto decoded = base::Base64UrlDecode(encoded);
  base::Wipe(encoded);
  if (!decoded.ok() || decoded->empty()) return refused();
  base::SecretBytes secret = base::SecretBytes::Copy(*decoded);
  base::Wipe(*decoded);
  return secret;
}

absl::Status WriteNewSecretFile(const base::SecretBytes& secret,
                                const std::filesystem::path& file,
                                const SecretFileForm& form) {
  // Two fixed members: written by hand so that no JSON value keeps the secret.
  std::string text = absl::StrCat(
      R"({"format":")", base::ToAbsl(form.format), R"(",")",
      base::ToAbsl(form.member), R"(":")",
      base::Base64UrlEncode(secret.Reveal(base::SecretAccess::Get())), "\"}\n");
  const absl::Status status =
      base::WriteNewFile(file, base::AsBytes(text), kOwnerOnly);
  base::Wipe(text);
  if (absl::IsAlreadyExists(status)) {
    return absl::AlreadyExistsError(
        absl::StrCat(file.string(), " exists; a key is never overwritten"));
  }
  return AboutOwnFile(status);
}

}  // namespace limpid::client

#include "clients/cpp/x25519_file.h"

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

constexpr std::size_t kMaxFileBytes = 4096;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

}  // namespace

absl::StatusOr<crypto::X25519PrivateKey> ReadX25519File(
    const std::filesystem::path& file, std::string_view format,
    std::string_view what) {
  const auto not_one = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat(file.string(), " is not ", base::ToAbsl(what)));
  };
  struct stat facts {};
  if (stat(file.c_str(), &facts) == 0 && (facts.st_mode & kOthers) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "others may read ", file.string(), "; run: chmod 600 ", file.string()));
  }
  LIMPID_ASSIGN_OR_RETURN(base::Bytes text,
                          base::ReadFileBytes(file, kMaxFileBytes));
  const auto value = json::ParseStrict(base::AsText(text));
  base::Wipe(text);
  if (!value.ok() || value->GetString("format").value_or("") != format) {
    return not_one();
  }
  std::string encoded = value->GetString("private_key").value_or("");
  auto scalar = base::Base64UrlDecode(encoded);
  base::Wipe(encoded);
  if (!scalar.ok()) return not_one();
  const base::SecretBytes secret = base::SecretBytes::Copy(*scalar);
  base::Wipe(*scalar);
  auto key = crypto::X25519PrivateKey::FromBytes(secret);
  if (!key.ok()) return not_one();
  return key;
}

absl::Status WriteNewX25519File(const crypto::X25519PrivateKey& key,
                                std::string_view format,
                                const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    return absl::AlreadyExistsError(
        absl::StrCat(file.string(), " exists; a key is never overwritten"));
  }
  const base::SecretBytes scalar = key.Bytes();
  // Two fixed members: written by hand so that no JSON value keeps the key.
  std::string text = absl::StrCat(
      R"({"format":")", base::ToAbsl(format), R"(","private_key":")",
      base::Base64UrlEncode(scalar.Reveal(base::SecretAccess::Get())), "\"}\n");
  absl::Status status =
      base::WriteFileAtomically(file, base::AsBytes(text), kOwnerOnly);
  base::Wipe(text);
  return status;
}

}  // namespace limpid::client

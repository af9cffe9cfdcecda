#include "clients/cpp/x25519_file.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/secret_file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"

namespace limpid::client {
namespace {

constexpr std::string_view kMember = "private_key";

}  // namespace

absl::StatusOr<crypto::X25519PrivateKey> ReadX25519File(
    const std::filesystem::path& file, std::string_view format,
    std::string_view what) {
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes secret,
                          ReadSecretFile(file, {format, kMember, what}));
  auto key = crypto::X25519PrivateKey::FromBytes(secret);
  if (!key.ok()) {
    return AboutOwnFile(absl::InvalidArgumentError(
        absl::StrCat(file.string(), " is not ", base::ToAbsl(what))));
  }
  return key;
}

absl::Status WriteNewX25519File(const crypto::X25519PrivateKey& key,
                                std::string_view format,
                                const std::filesystem::path& file) {
  return WriteNewSecretFile(key.Bytes(), file, {format, kMember, ""});
}

}  // namespace limpid::client

#include "common/crypto/root_key.h"

#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/crypto/aead.h"
#include "common/crypto/held_root_key.h"
#include "common/crypto/private_file.h"
#include "common/crypto/random.h"

namespace limpid::crypto {
namespace {

constexpr std::string_view kOpening = "limpid-root-key v1 ";
constexpr std::size_t kMaxFileBytes = 256;

absl::StatusOr<base::SecretBytes> ParseKey(const base::SecretBytes& text) {
  std::string_view rest = base::AsText(text.Reveal(base::SecretAccess::Get()));
  const bool framed = rest.starts_with(kOpening) && rest.ends_with('\n');
  auto key = absl::StatusOr<base::Bytes>(absl::DataLossError(""));
  if (framed) {
    rest.remove_prefix(kOpening.size());
    rest.remove_suffix(1);
    key = base::HexDecode(rest);
  }
  if (!key.ok() || key->size() != kAeadKeyBytes) {
    return absl::DataLossError("is not a root key, or is damaged");
  }
  base::SecretBytes out = base::SecretBytes::Copy(*key);
  base::Wipe(*key);
  return out;
}

}  // namespace

absl::Status FileRootKey::CreateFile(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) {
    return absl::AlreadyExistsError(
        absl::StrCat("the root key ", path.string(), " exists already"));
  }
  const base::SecretBytes key = RandomSecret(kAeadKeyBytes);
  std::string hex = base::HexEncode(key.Reveal(base::SecretAccess::Get()));
  base::Bytes text = base::Concat(
      {base::AsBytes(kOpening), base::AsBytes(hex), base::AsBytes("\n")});
  base::Wipe(hex);
  constexpr mode_t kOwnerOnly = 0600;
  absl::Status written = base::WriteFileAtomically(path, text, kOwnerOnly);
  base::Wipe(text);
  return written;
}

absl::StatusOr<std::unique_ptr<FileRootKey>> FileRootKey::Open(
    const std::filesystem::path& path, const WarningSink& warn) {
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes text,
                          ReadPrivateFile(path, "the root key", kMaxFileBytes));
  auto key = ParseKey(text);
  if (!key.ok()) {
    return absl::DataLossError(
        absl::StrCat(path.string(), " ", key.status().message()));
  }
  warn(
      "the root key is a plain file: fit for development only, since whoever "
      "copies it and the data can read everything");
  return std::unique_ptr<FileRootKey>(new FileRootKey(*std::move(key)));
}

FileRootKey::FileRootKey(base::SecretBytes key)
    : key_(std::move(key)), id_(RootKeyId(key_)) {}

absl::StatusOr<base::Bytes> FileRootKey::Wrap(const base::SecretBytes& key,
                                              base::ByteView aad) const {
  return SealSecret(Suite::kXChaCha20Poly1305, key_, id_, aad, key);
}

absl::StatusOr<base::SecretBytes> FileRootKey::Unwrap(
    base::ByteView wrapped, base::ByteView aad) const {
  return OpenSecret(key_, id_, aad, wrapped);
}

}  // namespace limpid::crypto

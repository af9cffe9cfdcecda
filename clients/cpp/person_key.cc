#include "clients/cpp/person_key.h"

#include <sys/stat.h>

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/file.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/jose/jwk.h"
#include "common/json/json.h"

namespace limpid::client {
namespace {

constexpr std::string_view kFormat = "limpid-person-key/1";
constexpr std::size_t kMaxFileBytes = 4096;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

absl::Status NotAKeyFile(const std::filesystem::path& file) {
  return absl::InvalidArgumentError(
      absl::StrCat(file.string(), " is not a person's key file"));
}

// Wipes the file's bytes and what it decodes itself. The JSON value that held
// the seed in between goes unwiped: a copy of it may stay in freed memory until
// it is used again.
absl::StatusOr<base::SecretBytes> ParseSeed(const std::filesystem::path& file,
                                            base::Bytes& text) {
  const auto value = json::ParseStrict(base::AsText(text));
  base::Wipe(text);
  if (!value.ok() || value->GetString("format").value_or("") != kFormat) {
    return NotAKeyFile(file);
  }
  std::string encoded = value->GetString("seed").value_or("");
  auto seed = base::Base64UrlDecode(encoded);
  base::Wipe(encoded);
  if (!seed.ok() || seed->size() != crypto::kEd25519SeedBytes) {
    return NotAKeyFile(file);
  }
  base::SecretBytes secret = base::SecretBytes::Copy(*seed);
  base::Wipe(*seed);
  return secret;
}

}  // namespace

PersonKey PersonKey::Generate() {
  return PersonKey(crypto::Ed25519PrivateKey::Generate());
}

absl::StatusOr<PersonKey> PersonKey::Read(const std::filesystem::path& file) {
  struct stat facts {};
  if (stat(file.c_str(), &facts) == 0 && (facts.st_mode & kOthers) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "others may read ", file.string(), "; run: chmod 600 ", file.string()));
  }
  LIMPID_ASSIGN_OR_RETURN(base::Bytes text,
                          base::ReadFileBytes(file, kMaxFileBytes));
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes seed, ParseSeed(file, text));
  LIMPID_ASSIGN_OR_RETURN(auto key, crypto::Ed25519PrivateKey::FromSeed(seed));
  return PersonKey(std::move(key));
}

absl::Status PersonKey::WriteNew(const std::filesystem::path& file) const {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    return absl::AlreadyExistsError(
        absl::StrCat(file.string(), " exists; a key is never overwritten"));
  }
  const base::SecretBytes seed = key_.Seed();
  // Three fixed members: written by hand so that no JSON value keeps the seed.
  std::string text = absl::StrCat(
      R"({"format":")", base::ToAbsl(kFormat), R"(","seed":")",
      base::Base64UrlEncode(seed.Reveal(base::SecretAccess::Get())), "\"}\n");
  absl::Status status =
      base::WriteFileAtomically(file, base::AsBytes(text), kOwnerOnly);
  base::Wipe(text);
  return status;
}

std::string PersonKey::Thumbprint() const {
  return jose::PublicJwk(key_.PublicKey()).Thumbprint();
}

crypto::Ed25519PrivateKey PersonKey::GrantKey(
    std::string_view record_id) const {
  const base::SecretBytes seed = key_.Seed();
  const base::Bytes info =
      base::ByteWriter("limpid/client/grant-key/1").Lp(record_id).Take();
  const auto derived =
      crypto::HkdfSha256(seed.Reveal(base::SecretAccess::Get()), {}, info,
                         crypto::kEd25519SeedBytes);
  LIMPID_CHECK(derived.ok());
  auto key = crypto::Ed25519PrivateKey::FromSeed(*derived);
  LIMPID_CHECK(key.ok());
  return *std::move(key);
}

}  // namespace limpid::client

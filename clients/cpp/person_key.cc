#include "clients/cpp/person_key.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/device_file.h"
#include "clients/cpp/secret_file.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "common/crypto/hash.h"
#include "common/jose/jwk.h"

namespace limpid::client {
namespace {

constexpr SecretFileForm kForm = {.format = "limpid-person-key/1",
                                  .member = "seed",
                                  .what = "a person's key file"};

}  // namespace

PersonKey PersonKey::Generate() {
  return PersonKey(crypto::Ed25519PrivateKey::Generate());
}

absl::StatusOr<PersonKey> PersonKey::Read(const std::filesystem::path& file) {
  LIMPID_ASSIGN_OR_RETURN(const base::SecretBytes seed,
                          ReadSecretFile(file, kForm));
  auto key = crypto::Ed25519PrivateKey::FromSeed(seed);
  if (!key.ok()) {
    return AboutOwnFile(absl::InvalidArgumentError(
        absl::StrCat(file.string(), " is not a person's key file")));
  }
  return PersonKey(*std::move(key));
}

absl::Status PersonKey::WriteNew(const std::filesystem::path& file) const {
  return WriteNewSecretFile(key_.Seed(), file, kForm);
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

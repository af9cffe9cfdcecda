#include "clients/cpp/service_key_file.h"

#include <sys/stat.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/base/file.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/json/json.h"
#include "common/receipt/service_key.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

constexpr std::string_view kFormat = "limpid-service-encryption-key/1";
constexpr std::size_t kMaxFileBytes = 4096;
constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthers = 0077;

absl::Status NotAKeyFile(const std::filesystem::path& file) {
  return absl::InvalidArgumentError(
      absl::StrCat(file.string(), " is not a service's encryption key file"));
}

absl::StatusOr<v1::ServicePublicKey> Proven(
    std::string_view service_id, receipt::ServiceKeyKind kind,
    const receipt::ServiceKeyBytes& key,
    const crypto::Ed25519PrivateKey& prover) {
  LIMPID_ASSIGN_OR_RETURN(const receipt::ServiceIdBytes service,
                          base::ParseIdText("svc", service_id));
  v1::ServicePublicKey out;
  // The numbers are the logged ones.
  out.set_kind(static_cast<v1::ServiceKeyKind>(kind));
  out.set_key(base::ToText(key));
  out.set_prover(base::ToText(prover.PublicKey().bytes));
  out.set_proof(
      base::ToText(receipt::ProveServiceKey(service, kind, key, prover)));
  return out;
}

}  // namespace

absl::StatusOr<crypto::X25519PrivateKey> ReadEncryptionKey(
    const std::filesystem::path& file) {
  struct stat facts {};
  if (stat(file.c_str(), &facts) == 0 && (facts.st_mode & kOthers) != 0) {
    return absl::FailedPreconditionError(absl::StrCat(
        "others may read ", file.string(), "; run: chmod 600 ", file.string()));
  }
  LIMPID_ASSIGN_OR_RETURN(base::Bytes text,
                          base::ReadFileBytes(file, kMaxFileBytes));
  const auto value = json::ParseStrict(base::AsText(text));
  base::Wipe(text);
  if (!value.ok() || value->GetString("format").value_or("") != kFormat) {
    return NotAKeyFile(file);
  }
  std::string encoded = value->GetString("private_key").value_or("");
  auto scalar = base::Base64UrlDecode(encoded);
  base::Wipe(encoded);
  if (!scalar.ok()) return NotAKeyFile(file);
  const base::SecretBytes secret = base::SecretBytes::Copy(*scalar);
  base::Wipe(*scalar);
  auto key = crypto::X25519PrivateKey::FromBytes(secret);
  if (!key.ok()) return NotAKeyFile(file);
  return key;
}

absl::Status WriteNewEncryptionKey(const crypto::X25519PrivateKey& key,
                                   const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) {
    return absl::AlreadyExistsError(
        absl::StrCat(file.string(), " exists; a key is never overwritten"));
  }
  const base::SecretBytes scalar = key.Bytes();
  // Two fixed members: written by hand so that no JSON value keeps the key.
  std::string text = absl::StrCat(
      R"({"format":")", base::ToAbsl(kFormat), R"(","private_key":")",
      base::Base64UrlEncode(scalar.Reveal(base::SecretAccess::Get())), "\"}\n");
  absl::Status status =
      base::WriteFileAtomically(file, base::AsBytes(text), kOwnerOnly);
  base::Wipe(text);
  return status;
}

absl::StatusOr<v1::ServicePublicKey> ProvenSigningKey(
    std::string_view service_id, const crypto::Ed25519PrivateKey& key) {
  return Proven(service_id, receipt::ServiceKeyKind::kSigning,
                key.PublicKey().bytes, key);
}

absl::StatusOr<v1::ServicePublicKey> ProvenEncryptionKey(
    std::string_view service_id, const crypto::X25519PublicKey& key,
    const crypto::Ed25519PrivateKey& prover) {
  return Proven(service_id, receipt::ServiceKeyKind::kEncryption, key.bytes,
                prover);
}

}  // namespace limpid::client

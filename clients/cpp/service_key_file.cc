#include "clients/cpp/service_key_file.h"

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/x25519_file.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/status_macros.h"
#include "common/receipt/service_key.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::consent::v1;

constexpr std::string_view kFormat = "limpid-service-encryption-key/1";

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
  return ReadX25519File(file, kFormat, "a service's encryption key file");
}

absl::Status WriteNewEncryptionKey(const crypto::X25519PrivateKey& key,
                                   const std::filesystem::path& file) {
  return WriteNewX25519File(key, kFormat, file);
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

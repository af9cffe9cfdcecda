// What a vault's configuration says about consent in another process.

#ifndef LIMPID_SERVER_FAR_CONSENT_H_
#define LIMPID_SERVER_FAR_CONSENT_H_

#include "absl/status/statusor.h"
#include "common/crypto/ed25519.h"
#include "common/rpc/client.h"
#include "server/config.h"

namespace limpid::server {

struct FarConsent {
  // With the vault's client certificate.
  rpc::ChannelOptions channel;
  // Pinned: sign permits, and persons' tokens for this vault.
  crypto::Ed25519PublicKey evidence_key;
  crypto::Ed25519PublicKey token_key;
};

// Reads the files that the configuration names.
//
// Errors: those of base::ReadFileBytes and CheckKeptFromOthers, and
//   kInvalidArgument  a key is not 32 bytes in base64url; names it.
absl::StatusOr<FarConsent> ReadFarConsent(const Config& config);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_FAR_CONSENT_H_

// How the vault knows which person is calling: a source token that consent
// minted for this vault, and a proof by the key it names. Keeps no account.
// docs/formats/tokens.md

#ifndef LIMPID_VAULT_GATE_HOLDER_TOKEN_H_
#define LIMPID_VAULT_GATE_HOLDER_TOKEN_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "common/jose/jwk.h"
#include "common/jose/replay_cache.h"
#include "vault/attribute/person_vault.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// Thread-safe.
class HolderVerifier {
 public:
  // `consent_token_key` signs source tokens. Proofs issued before construction,
  // by their own time, are refused: another process may have seen them, as it
  // may have seen later ones of fast devices (docs/formats/tokens.md). `clock`
  // must outlive the verifier.
  HolderVerifier(const SourceId& source,
                 const crypto::Ed25519PublicKey& consent_token_key,
                 const base::Clock& clock);

  // The person who calls `method` (full gRPC path) with `source_token` and
  // `proof`. Consumes the proof: it serves one call.
  //
  // Errors:
  //   kUnauthenticated    anything but a good pair; never says which.
  //   kResourceExhausted  too many proofs to remember.
  absl::StatusOr<PersonCaller> Verify(std::string_view source_token,
                                      std::string_view proof,
                                      std::string_view method);

 private:
  const std::string audience_;
  const jose::PublicJwk issuer_;
  const base::Clock& clock_;
  const absl::Time started_;
  jose::ReplayCache used_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_GATE_HOLDER_TOKEN_H_

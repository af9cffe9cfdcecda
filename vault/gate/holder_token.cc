#include "vault/gate/holder_token.h"

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/jose/tokens.h"

namespace limpid::vault {
namespace {

absl::Status NotAuthenticated() {
  return absl::UnauthenticatedError(
      "the source token or its proof is not good");
}

}  // namespace

HolderVerifier::HolderVerifier(
    const SourceId& source, const crypto::Ed25519PublicKey& consent_token_key,
    const base::Clock& clock)
    : audience_(source.Text()),
      issuer_(consent_token_key),
      clock_(clock),
      started_(clock.Now()) {}

absl::StatusOr<PersonCaller> HolderVerifier::Verify(
    std::string_view source_token, std::string_view proof,
    std::string_view method) {
  const absl::Time now = clock_.Now();
  const jose::Expected expected{audience_, method, now, started_};
  const auto token = jose::VerifySourceToken(source_token, issuer_, expected);
  if (!token.ok()) return NotAuthenticated();
  const auto proven = jose::VerifyProof(proof, *token, source_token, expected);
  if (!proven.ok()) return NotAuthenticated();
  const auto holder = HolderId::Parse(token->holder);
  const crypto::Ed25519PublicKey* key = token->key.ed25519();
  if (!holder.ok() || holder->none() || key == nullptr) {
    return NotAuthenticated();
  }
  LIMPID_RETURN_IF_ERROR(
      used_.Use(token->key.Thumbprint(), proven->id, proven->expires_at, now));
  return PersonCaller{
      *holder, *key,
      std::make_shared<const PersonProof>(PersonProof{
          std::string(source_token), std::string(proof), std::string(method)})};
}

}  // namespace limpid::vault

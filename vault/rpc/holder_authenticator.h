// Source tokens as common/rpc wants them: the authenticated person travels in
// Caller::person as holder id and key, with what she showed.

#ifndef LIMPID_VAULT_RPC_HOLDER_AUTHENTICATOR_H_
#define LIMPID_VAULT_RPC_HOLDER_AUTHENTICATOR_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/rpc/caller.h"
#include "vault/attribute/person_vault.h"
#include "vault/gate/holder_token.h"

namespace limpid::vault {

class HolderAuthenticator final : public rpc::PersonAuthenticator {
 public:
  // `verifier` must outlive this object.
  explicit HolderAuthenticator(HolderVerifier& verifier)
      : verifier_(verifier) {}

  absl::StatusOr<base::Bytes> Authenticate(std::string_view token,
                                           std::string_view proof,
                                           std::string_view method) override;

 private:
  HolderVerifier& verifier_;
};

// The person of a call that HolderAuthenticator let through.
//
// Errors:
//   kUnauthenticated  the call has none.
absl::StatusOr<PersonCaller> PersonOf(const rpc::Caller& caller);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_HOLDER_AUTHENTICATOR_H_

// Person tokens as common/rpc wants them: the authenticated person travels in
// Caller::person as the bytes of her id.

#ifndef LIMPID_CONSENT_RPC_PERSON_AUTHENTICATOR_H_
#define LIMPID_CONSENT_RPC_PERSON_AUTHENTICATOR_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/rpc/caller.h"
#include "consent/identity/person_tokens.h"
#include "consent/ids.h"

namespace limpid::consent {

class PersonAuthenticator final : public rpc::PersonAuthenticator {
 public:
  // `tokens` must outlive this object.
  explicit PersonAuthenticator(PersonTokens& tokens) : tokens_(tokens) {}

  absl::StatusOr<base::Bytes> Authenticate(std::string_view token,
                                           std::string_view proof,
                                           std::string_view method) override;

 private:
  PersonTokens& tokens_;
};

// The person of a call that PersonAuthenticator let through.
//
// Errors:
//   kUnauthenticated  the call has none.
absl::StatusOr<PersonId> PersonOf(const rpc::Caller& caller);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_PERSON_AUTHENTICATOR_H_

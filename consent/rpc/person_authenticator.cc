#include "consent/rpc/person_authenticator.h"

#include "absl/status/status.h"
#include "common/base/status_macros.h"

namespace limpid::consent {

absl::StatusOr<base::Bytes> PersonAuthenticator::Authenticate(
    std::string_view token, std::string_view /*proof*/,
    std::string_view method) {
  LIMPID_ASSIGN_OR_RETURN(const PersonId person,
                          tokens_.Authenticate(token, method));
  return base::ToBytes(person.bytes());
}

absl::StatusOr<PersonId> PersonOf(const rpc::Caller& caller) {
  auto person = PersonId::FromBytes(caller.person);
  if (!person.ok()) return absl::UnauthenticatedError("nobody is calling");
  return person;
}

}  // namespace limpid::consent

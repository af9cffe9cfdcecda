#include "vault/rpc/holder_authenticator.h"

#include <memory>
#include <utility>

#include "common/base/status_macros.h"
#include "common/base/wire.h"

namespace limpid::vault {

absl::StatusOr<base::Bytes> HolderAuthenticator::Authenticate(
    std::string_view token, std::string_view proof, std::string_view method) {
  LIMPID_ASSIGN_OR_RETURN(const PersonCaller person,
                          verifier_.Verify(token, proof, method));
  base::ByteWriter writer;
  return writer.Raw(person.holder.bytes())
      .Raw(person.key.bytes)
      .Lp(person.proof->source_token)
      .Lp(person.proof->proof)
      .Lp(person.proof->method)
      .Take();
}

absl::StatusOr<PersonCaller> PersonOf(const rpc::Caller& caller) {
  base::ByteReader reader(caller.person);
  PersonCaller person;
  person.holder = HolderId(reader.Array<base::kIdBytes>());
  person.key.bytes = reader.Array<crypto::kEd25519PublicKeyBytes>();
  auto proof = std::make_shared<PersonProof>();
  proof->source_token = reader.LpText();
  proof->proof = reader.LpText();
  proof->method = reader.LpText();
  person.proof = std::move(proof);
  if (!reader.Finish().ok()) {
    return absl::UnauthenticatedError("the call names no person");
  }
  return person;
}

}  // namespace limpid::vault

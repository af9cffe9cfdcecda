#include "common/rpc/auth_policy.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace limpid::rpc {
namespace {

absl::Status NeedCertificate(const Caller& caller, bool administrator) {
  if (caller.kind != CallerKind::kCertificate) {
    return absl::UnauthenticatedError(
        "this call needs a client certificate that the server knows");
  }
  if (caller.administrator == administrator) return absl::OkStatus();
  return absl::PermissionDeniedError(
      administrator ? "this call needs a certificate of the administrators' CA"
                    : "administrators may not make this call");
}

absl::Status NeedToken(const Caller& caller) {
  if (caller.kind == CallerKind::kCertificate) {
    return absl::PermissionDeniedError(
        "this call is for persons; it was made with a client certificate");
  }
  if (caller.kind == CallerKind::kToken) return absl::OkStatus();
  return absl::UnauthenticatedError("this call needs a person's token");
}

}  // namespace

absl::Status AuthPolicy::Check(Caller& caller) const {
  switch (kind_) {
    case Kind::kPublic:
      return absl::OkStatus();
    case Kind::kService:
      return NeedCertificate(caller, /*administrator=*/false);
    case Kind::kAdministrator:
      return NeedCertificate(caller, /*administrator=*/true);
    case Kind::kCertificate:
      return NeedCertificate(caller, caller.administrator);
    case Kind::kNewPerson:
      return NeedToken(caller);
    case Kind::kPerson: {
      LIMPID_RETURN_IF_ERROR(NeedToken(caller));
      LIMPID_ASSIGN_OR_RETURN(
          caller.person, authenticator_->Authenticate(
                             caller.bearer_token, caller.proof, caller.method));
      return absl::OkStatus();
    }
  }
  return absl::PermissionDeniedError("unknown policy");
}

}  // namespace limpid::rpc

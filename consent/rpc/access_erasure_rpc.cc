#include "consent/rpc/access_erasure_rpc.h"

#include <cstddef>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/log/erasure_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kMaxTextBytes = 65'536;

absl::StatusOr<receipt::SignedErasure> FromProto(
    const v1::EraseAccessRequest& request) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText(
      "canonical_json", request.canonical_json(), kMaxTextBytes));
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("signature", request.signature(), 64));
  receipt::SignedErasure out;
  out.canonical_json = request.canonical_json();
  LIMPID_ASSIGN_OR_RETURN(
      out.signature, base::ToArray<64>(base::AsBytes(request.signature())));
  return out;
}

}  // namespace

AccessErasureRpc::AccessErasureRpc(rpc::Runtime& runtime,
                                   rpc::AuthPolicy policy, Consent& consent)
    : edge_(rpc::EdgeOf<v1::AccessErasureService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* AccessErasureRpc::EraseAccess(
    grpc::CallbackServerContext* context, const v1::EraseAccessRequest* request,
    v1::EraseAccessResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto erasure, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(const ErasedEntry erased,
                                ErasureDesk(consent_).Erase(person, erasure));
        response->set_sequence(erased.sequence);
        *response->mutable_time() = ToProto(erased.time);
        response->set_told_in_sequence(erased.told_in);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent

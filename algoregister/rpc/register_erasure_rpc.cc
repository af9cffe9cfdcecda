#include "algoregister/rpc/register_erasure_rpc.h"

#include <cstdint>

#include "absl/status/status.h"
#include "algoregister/evidence/bundle.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/rpc/convert.h"
#include "algoregister/rpc/evidence_rpc.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"

namespace limpid::algoregister {

grpc::ServerUnaryReactor* RegisterErasureRpc::EraseField(
    grpc::CallbackServerContext* context, const v1::EraseFieldRequest* request,
    v1::EraseFieldResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    return Erase(*request, *response);
  });
}

grpc::ServerUnaryReactor* RegisterErasureRpc::EraseEvidenceBundle(
    grpc::CallbackServerContext* context,
    const v1::EraseEvidenceBundleRequest* request,
    v1::EraseEvidenceBundleResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        const auto digest = evidence::ReadDigestText(request->digest());
        if (!digest.ok()) return rpc::AtField("digest", digest.status());
        LIMPID_ASSIGN_OR_RETURN(const ErasedBundle erased,
                                evidence_.Erase(*digest, request->ground(),
                                                request->validate_only()));
        *response->mutable_erasure() = ToProto(erased.erasure);
        response->set_size_bytes(static_cast<std::int64_t>(erased.size));
        return absl::OkStatus();
      });
}

absl::Status RegisterErasureRpc::Erase(const v1::EraseFieldRequest& request,
                                       v1::EraseFieldResponse& response) {
  ErasureOrder order;
  LIMPID_ASSIGN_OR_RETURN(order.registration,
                          ReadId("registration_id", request.registration_id()));
  LIMPID_ASSIGN_OR_RETURN(order.number,
                          ReadVersion("version", request.version()));
  if ((order.number == 0) != request.all_versions()) {
    return rpc::FieldError("version", "give either a version or all_versions");
  }
  order.pointer = request.pointer();
  order.ground = request.ground();
  LIMPID_ASSIGN_OR_RETURN(const ErasureOutcome outcome,
                          target_.EraseField(order, request.validate_only()));
  for (const FieldErasure& erasure : outcome.erasures) {
    *response.add_erasures() = ToProto(erasure);
  }
  for (const RepeatedAt& at : outcome.repeated) {
    v1::FieldPlace& place = *response.add_repeated_at();
    place.set_version(at.number);
    place.set_pointer(at.pointer);
  }
  return absl::OkStatus();
}

}  // namespace limpid::algoregister

#include "algoregister/rpc/register_erasure_rpc.h"

#include "absl/status/status.h"
#include "algoregister/registration/field_erasure.h"
#include "algoregister/rpc/convert.h"
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

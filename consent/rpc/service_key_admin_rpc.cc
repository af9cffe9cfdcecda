#include "consent/rpc/service_key_admin_rpc.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"

namespace limpid::consent {
namespace {

v1::ServiceKeyFailure FailureOf(absl::StatusCode code) {
  using absl::StatusCode;
  if (code == StatusCode::kPermissionDenied ||
      code == StatusCode::kUnauthenticated) {
    return v1::SERVICE_KEY_FAILURE_NOT_ADMITTED;
  }
  // What a register answers when sending the same again cannot help.
  constexpr std::array kRefusals = {
      StatusCode::kInvalidArgument, StatusCode::kAlreadyExists,
      StatusCode::kFailedPrecondition, StatusCode::kResourceExhausted,
      StatusCode::kDataLoss};
  const bool refused =
      std::find(kRefusals.begin(), kRefusals.end(), code) != kRefusals.end();
  return refused ? v1::SERVICE_KEY_FAILURE_REFUSED
                 : v1::SERVICE_KEY_FAILURE_UNREACHABLE;
}

}  // namespace

v1::GetServiceKeysResponse ToProto(const ServiceKeysView& view) {
  v1::GetServiceKeysResponse out;
  for (const base::Bytes& entry : view.chain.entries) {
    out.add_entries(base::ToText(entry));
  }
  out.set_logged_count(view.chain.logged_count);
  if (view.trouble) {
    out.set_failure_count(view.trouble->count);
    out.set_failure(FailureOf(view.trouble->code));
  }
  if (!view.has_directory && view.chain.waits()) {
    out.set_failure(v1::SERVICE_KEY_FAILURE_NO_REGISTER);
  }
  return out;
}

grpc::ServerUnaryReactor* ServiceKeyAdminRpc::GetServiceKeys(
    grpc::CallbackServerContext* context,
    const v1::GetServiceKeysRequest* request,
    v1::GetServiceKeysResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            const ServiceId service,
            rpc::ParseId<ServiceId>("service_id", request->service_id()));
        LIMPID_ASSIGN_OR_RETURN(const ServiceKeysView view,
                                ServiceKeyDesk(consent_).Get(service));
        *response = ToProto(view);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent

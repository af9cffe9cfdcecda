#include "consent/rpc/standing_permission_rpc.h"

#include <cstddef>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/person_authenticator.h"
#include "consent/standing/standing_desk.h"

namespace limpid::consent {
namespace {

constexpr std::size_t kMaxTextBytes = 65'536;

v1::StandingPermission Show(const StandingView& view) {
  const HeldStanding& held = view.permission;
  v1::StandingPermission out;
  out.set_standing_permission_id(held.id.Text());
  out.set_canonical_json(held.canonical_json);
  out.set_signature(ToProto(held.signature));
  out.set_live(view.live);
  *out.mutable_until_time() = ToProto(held.terms.until);
  if (held.ended != absl::UnixEpoch()) {
    *out.mutable_end_time() = ToProto(held.ended);
  }
  for (const RecordView& record : view.records) {
    *out.add_records() = ToProto(record);
  }
  return out;
}

absl::StatusOr<receipt::SignedStanding> FromProto(
    const v1::CreateStandingPermissionRequest& request) {
  LIMPID_RETURN_IF_ERROR(rpc::CheckText(
      "canonical_json", request.canonical_json(), kMaxTextBytes));
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("signature", request.signature(), 64));
  receipt::SignedStanding out;
  out.canonical_json = request.canonical_json();
  LIMPID_ASSIGN_OR_RETURN(
      out.signature, base::ToArray<64>(base::AsBytes(request.signature())));
  return out;
}

}  // namespace

StandingPermissionRpc::StandingPermissionRpc(rpc::Runtime& runtime,
                                             rpc::AuthPolicy policy,
                                             Consent& consent)
    : edge_(rpc::EdgeOf<v1::StandingPermissionService>(runtime, policy)),
      consent_(consent) {}

grpc::ServerUnaryReactor* StandingPermissionRpc::CreateStandingPermission(
    grpc::CallbackServerContext* context,
    const v1::CreateStandingPermissionRequest* request,
    v1::CreateStandingPermissionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto permission, FromProto(*request));
        LIMPID_ASSIGN_OR_RETURN(
            const StandingView made,
            StandingDesk(consent_).Make(person, permission));
        *response->mutable_standing_permission() = Show(made);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* StandingPermissionRpc::ListStandingPermissions(
    grpc::CallbackServerContext* context,
    const v1::ListStandingPermissionsRequest* /*request*/,
    v1::ListStandingPermissionsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const auto all,
                                StandingDesk(consent_).List(person));
        for (const StandingView& one : all) {
          *response->add_standing_permissions() = Show(one);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* StandingPermissionRpc::EndStandingPermission(
    grpc::CallbackServerContext* context,
    const v1::EndStandingPermissionRequest* request,
    v1::EndStandingPermissionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(
            const StandingId id,
            rpc::ParseId<StandingId>("standing_permission_id",
                                     request->standing_permission_id()));
        LIMPID_ASSIGN_OR_RETURN(const StandingView ended,
                                StandingDesk(consent_).End(
                                    person, id, request->withdraw_records()));
        *response->mutable_standing_permission() = Show(ended);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent

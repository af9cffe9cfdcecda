#include "consent/rpc/move_rpc.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "consent/move/move_desk.h"
#include "consent/rpc/convert.h"
#include "consent/rpc/on_record.h"

namespace limpid::consent {

MoveRpc::MoveRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                 Consent& consent)
    : edge_(rpc::EdgeOf<v1::MoveService>(runtime, policy)), consent_(consent) {}

grpc::ServerUnaryReactor* MoveRpc::MoveRecordOut(
    grpc::CallbackServerContext* context,
    const v1::MoveRecordOutRequest* request,
    v1::MoveRecordOutResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    receipt::SignedMove move;
                    move.canonical_json = request->statement();
                    LIMPID_RETURN_IF_ERROR(
                        rpc::CheckBytes("signature", request->signature(), 64));
                    LIMPID_ASSIGN_OR_RETURN(
                        move.signature,
                        base::ToArray<64>(base::AsBytes(request->signature())));
                    LIMPID_ASSIGN_OR_RETURN(
                        *response->mutable_export_json(),
                        MoveDesk(consent_).MoveOut(person, record, move));
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* MoveRpc::GetMoveExport(
    grpc::CallbackServerContext* context,
    const v1::GetMoveExportRequest* request,
    v1::GetMoveExportResponse* response) {
  return OnRecord(edge_, context, request,
                  [=, this](const PersonId& person,
                            const RecordId& record) -> absl::Status {
                    LIMPID_ASSIGN_OR_RETURN(
                        *response->mutable_export_json(),
                        MoveDesk(consent_).GetExport(person, record));
                    return absl::OkStatus();
                  });
}

grpc::ServerUnaryReactor* MoveRpc::ActivateMove(
    grpc::CallbackServerContext* context,
    const v1::ActivateMoveRequest* request,
    v1::ActivateMoveResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonId person, PersonOf(caller));
        MoveIn move;
        LIMPID_ASSIGN_OR_RETURN(
            move.agreement,
            rpc::ParseId<AgreementId>("agreement_id", request->agreement_id()));
        move.version = request->agreement_version();
        move.file = request->export_json();
        LIMPID_ASSIGN_OR_RETURN(const RecordView record,
                                MoveDesk(consent_).Activate(person, move));
        *response->mutable_record() = ToProto(record);
        return absl::OkStatus();
      });
}

}  // namespace limpid::consent

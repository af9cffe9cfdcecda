#include "vault/rpc/recovery_rpc.h"

#include <algorithm>
#include <string>

#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"
#include "vault/rpc/holder_authenticator.h"

namespace limpid::vault {
namespace {

absl::StatusOr<SlotId> SlotIdOf(const std::string& bytes) {
  SlotId out{};
  LIMPID_RETURN_IF_ERROR(rpc::CheckBytes("slot_id", bytes, out.size()));
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

template <typename Response>
void FillAct(const DoneAct& act, Response& response) {
  response.set_commitment(base::ToText(act.commitment));
  *response.mutable_promised_by_time() = vault::ToProto(act.promised_by);
}

template <typename Response>
absl::Status Fill(const absl::StatusOr<RecoveryDone>& done,
                  Response& response) {
  LIMPID_RETURN_IF_ERROR(done.status());
  *response.mutable_recovery() = vault::ToProto(done->recovery);
  FillAct(done->act, response);
  return absl::OkStatus();
}

}  // namespace

v1::Recovery ToProto(const SlotRecovery& recovery) {
  v1::Recovery out;
  out.set_commitment(base::ToText(recovery.commitment));
  out.set_phase(static_cast<v1::RecoveryPhase>(recovery.phase));
  out.set_cancel_count(recovery.cancels);
  out.set_barred(recovery.barred);
  if (recovery.number == 0) return out;
  out.set_number(recovery.number);
  *out.mutable_start_time() = vault::ToProto(recovery.start);
  *out.mutable_open_time() = vault::ToProto(recovery.open);
  *out.mutable_close_time() = vault::ToProto(recovery.close);
  if (recovery.end) *out.mutable_end_time() = vault::ToProto(*recovery.end);
  if (recovery.handed_out) {
    *out.mutable_handed_out_time() = vault::ToProto(*recovery.handed_out);
  }
  return out;
}

RecoveryRpc::RecoveryRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                         RecoveryDesk& desk)
    : edge_(rpc::EdgeOf<v1::RecoveryService>(runtime, policy)), desk_(desk) {}

grpc::ServerUnaryReactor* RecoveryRpc::StartRecovery(
    grpc::CallbackServerContext* context,
    const v1::StartRecoveryRequest* request,
    v1::StartRecoveryResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const SlotId slot,
                                SlotIdOf(request->slot_id()));
        return Fill(desk_.Start(person, slot), *response);
      });
}

grpc::ServerUnaryReactor* RecoveryRpc::GetRecoverySlot(
    grpc::CallbackServerContext* context,
    const v1::GetRecoverySlotRequest* request,
    v1::GetRecoverySlotResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const SlotId id, SlotIdOf(request->slot_id()));
        LIMPID_ASSIGN_OR_RETURN(const HandedOutSlot out,
                                desk_.HandOut(person, id));
        v1::KeySlot& slot = *response->mutable_slot();
        slot.set_kind(v1::SLOT_KIND_RECOVERY);
        slot.set_slot_id(base::ToText(out.slot.slot_id));
        slot.set_generation(out.slot.generation);
        slot.set_key_id(base::ToText(out.slot.key_id));
        slot.set_body(base::ToText(out.body));
        *slot.mutable_create_time() =
            vault::ToProto(absl::FromUnixMillis(out.slot.created_ms));
        *slot.mutable_recovery() = vault::ToProto(out.done.recovery);
        FillAct(out.done.act, *response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* RecoveryRpc::CancelRecovery(
    grpc::CallbackServerContext* context,
    const v1::CancelRecoveryRequest* request,
    v1::CancelRecoveryResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const SlotId slot,
                                SlotIdOf(request->slot_id()));
        return Fill(desk_.Cancel(person, slot, request->number()), *response);
      });
}

grpc::ServerUnaryReactor* RecoveryRpc::AllowRecovery(
    grpc::CallbackServerContext* context,
    const v1::AllowRecoveryRequest* request,
    v1::AllowRecoveryResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const PersonCaller person, PersonOf(caller));
        LIMPID_ASSIGN_OR_RETURN(const SlotId slot,
                                SlotIdOf(request->slot_id()));
        LIMPID_RETURN_IF_ERROR(rpc::CheckBytes(
            "signature", request->signature(), crypto::kEd25519SignatureBytes));
        return Fill(desk_.Allow(person, slot, request->number(),
                                base::AsBytes(request->signature())),
                    *response);
      });
}

}  // namespace limpid::vault

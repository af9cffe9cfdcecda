#include "vault/rpc/key_admin_rpc.h"

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"

namespace limpid::vault {
namespace {

void Fill(const EpochState& state, v1::KeyEpoch& out) {
  out.set_epoch(state.epoch);
  out.set_current(state.current);
  out.set_key_stands(state.stands);
  out.set_slot_count(state.slots);
  out.set_copy_key_count(state.copy_keys);
  if (state.started) *out.mutable_start_time() = ToProto(*state.started);
  if (state.ended) *out.mutable_destroy_time() = ToProto(*state.ended);
}

}  // namespace

KeyAdminRpc::KeyAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                         EpochKeeper& epochs)
    : edge_(rpc::EdgeOf<v1::KeyAdminService>(runtime, policy)),
      epochs_(epochs) {}

grpc::ServerUnaryReactor* KeyAdminRpc::ListKeyEpochs(
    grpc::CallbackServerContext* context,
    const v1::ListKeyEpochsRequest* /*request*/,
    v1::ListKeyEpochsResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(const auto states, epochs_.List());
        for (const EpochState& state : states) {
          Fill(state, *response->add_epochs());
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyAdminRpc::StartKeyEpoch(
    grpc::CallbackServerContext* context,
    const v1::StartKeyEpochRequest* request,
    v1::StartKeyEpochResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        if (request->after_epoch() == 0) {
          return rpc::FieldError("after_epoch", "must be 1 or more");
        }
        LIMPID_ASSIGN_OR_RETURN(const std::uint32_t epoch,
                                epochs_.StartAfter(request->after_epoch()));
        response->set_epoch(epoch);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* KeyAdminRpc::DestroyKeyEpoch(
    grpc::CallbackServerContext* context,
    const v1::DestroyKeyEpochRequest* request,
    v1::DestroyKeyEpochResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller& caller) -> absl::Status {
        if (request->epoch() == 0) {
          return rpc::FieldError("epoch", "must be 1 or more");
        }
        LIMPID_ASSIGN_OR_RETURN(
            const Destruction destruction,
            epochs_.Destroy(request->epoch(), request->drop_copies(),
                            caller.spki_thumbprint));
        response->set_destroyed(destruction == Destruction::kDone);
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault

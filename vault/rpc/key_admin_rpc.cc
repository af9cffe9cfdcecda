#include "vault/rpc/key_admin_rpc.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"

namespace limpid::vault {
namespace {

// A call of sealing anew ends at the first shard after this: so often whoever
// waits sees how far it is, and what a broken call loses is a number.
constexpr absl::Duration kResealSlice = absl::Seconds(2);

void Fill(const EpochState& state, v1::KeyEpoch& out) {
  out.set_epoch(state.epoch);
  out.set_current(state.current);
  out.set_key_stands(state.stands);
  out.set_slot_count(state.slots);
  out.set_copy_key_count(state.copy_keys);
  if (state.started) *out.mutable_start_time() = ToProto(*state.started);
  if (state.ended) *out.mutable_destroy_time() = ToProto(*state.ended);
}

absl::Status CheckSuite(std::uint32_t asked, crypto::Suite set) {
  if (asked != 1 && asked != 2) {
    return rpc::FieldError("suite", "must be 1 or 2");
  }
  const auto number = static_cast<std::uint32_t>(set);
  if (asked == number) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("the vault writes in suite ", number,
                   ": set vault.suite to ", asked, " and start it again"));
}

void Fill(const SuitePass& pass, v1::ResealValuesResponse& out) {
  out.set_next_shard(pass.next_shard.value_or(0));
  out.set_resealed_count(pass.resealed);
  out.set_current_count(pass.current);
  out.set_agent_count(pass.with_agent);
  out.set_device_count(pass.with_devices);
  out.set_damaged_count(pass.damaged);
  out.set_changed_count(pass.changed);
}

}  // namespace

KeyAdminRpc::KeyAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                         EpochKeeper& epochs, SuiteRotation& suites)
    : edge_(rpc::EdgeOf<v1::KeyAdminService>(runtime, policy)),
      epochs_(epochs),
      suites_(suites) {}

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

grpc::ServerUnaryReactor* KeyAdminRpc::ResealValues(
    grpc::CallbackServerContext* context,
    const v1::ResealValuesRequest* request,
    v1::ResealValuesResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        if (request->first_shard() >= kShardCount) {
          return rpc::FieldError("first_shard", "must be below 4096");
        }
        LIMPID_RETURN_IF_ERROR(CheckSuite(request->suite(), suites_.suite()));
        const base::Clock& clock = edge_.runtime.clock();
        const absl::Duration end = clock.Monotonic() + kResealSlice;
        LIMPID_ASSIGN_OR_RETURN(
            const SuitePass pass,
            suites_.Run(static_cast<std::uint16_t>(request->first_shard()),
                        [&] { return clock.Monotonic() >= end; }));
        Fill(pass, *response);
        response->set_suite(static_cast<std::uint32_t>(suites_.suite()));
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault

#include "vault/rpc/vault_rpc.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/rpc/validate.h"
#include "vault/rpc/convert.h"

namespace limpid::vault {
namespace {

// Sends `answer` if it may still leave, and closes its permit when gRPC is done
// with the call.
void Finish(rpc::PendingCall& call, v1::ReadAttributesResponse& response,
            absl::StatusOr<ReadAnswer> answer) {
  if (!answer.ok()) {
    call.Complete([&] { return answer.status(); });
    return;
  }
  // Shared, because std::function must be copyable.
  const auto held = std::make_shared<ReadAnswer>(*std::move(answer));
  const bool left = held->HandOver([&] {
    call.Complete([&] {
      Fill(*held, response);
      return absl::OkStatus();
    });
  });
  if (!left) {
    call.Complete([] {
      return absl::UnavailableError(
          "the permit ran out or was withdrawn; nothing was released");
    });
  }
  // After the hand-over, so that closing never races with it; a call that is
  // over already answers at once.
  call.OnDone(
      [held, left](bool sent) { held->Close(held->ClosingAfter(left, sent)); });
}

}  // namespace

VaultRpc::VaultRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Mediator& mediator)
    : edge_(rpc::EdgeOf<v1::VaultService>(runtime, policy)),
      mediator_(mediator) {}

grpc::ServerUnaryReactor* VaultRpc::ReadAttributes(
    grpc::CallbackServerContext* context,
    const v1::ReadAttributesRequest* request,
    v1::ReadAttributesResponse* response) {
  return rpc::AsyncUnary(
      edge_, context,
      [=, this](const std::shared_ptr<rpc::PendingCall>& call) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(
            ReadRequest read,
            FromProto(*request, call->caller().spki_thumbprint));
        mediator_.Read(std::move(read),
                       [call, response](absl::StatusOr<ReadAnswer> answer) {
                         Finish(*call, *response, std::move(answer));
                       });
        return absl::OkStatus();
      });
}

VaultAdminRpc::VaultAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                             Catalogue& catalogue)
    : edge_(rpc::EdgeOf<v1::VaultAdminService>(runtime, policy)),
      catalogue_(catalogue) {}

grpc::ServerUnaryReactor* VaultAdminRpc::CreateAttributeDefinition(
    grpc::CallbackServerContext* context,
    const v1::CreateAttributeDefinitionRequest* request,
    v1::CreateAttributeDefinitionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_ASSIGN_OR_RETURN(Definition definition,
                                FromProto(request->definition()));
        const auto entry = catalogue_.Create(std::move(definition),
                                             edge_.runtime.clock().Now());
        if (!entry.ok()) return rpc::AtField("definition", entry.status());
        *response->mutable_definition() = ToProto((*entry)->definition);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VaultAdminRpc::GetAttributeDefinition(
    grpc::CallbackServerContext* context,
    const v1::GetAttributeDefinitionRequest* request,
    v1::GetAttributeDefinitionResponse* response) {
  return rpc::Unary(
      edge_, context, [=, this](const rpc::Caller&) -> absl::Status {
        LIMPID_RETURN_IF_ERROR(
            rpc::CheckText("id", request->id(), Definition::kMaxIdBytes));
        LIMPID_ASSIGN_OR_RETURN(
            const auto entry,
            catalogue_.Find(request->id(), request->schema_version()));
        *response->mutable_definition() = ToProto(entry->definition);
        return absl::OkStatus();
      });
}

}  // namespace limpid::vault

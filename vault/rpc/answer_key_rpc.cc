#include "vault/rpc/answer_key_rpc.h"

#include "absl/status/status.h"

namespace limpid::vault {

AnswerKeyRpc::AnswerKeyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           const VaultCore& core)
    : edge_(rpc::EdgeOf<v1::AnswerKeyService>(runtime, policy)), core_(core) {}

grpc::ServerUnaryReactor* AnswerKeyRpc::ListAnswerKeys(
    grpc::CallbackServerContext* context,
    const v1::ListAnswerKeysRequest* /*request*/,
    v1::ListAnswerKeysResponse* response) {
  return rpc::Unary(edge_, context, [=, this](const rpc::Caller&) {
    response->set_source_id(core_.identity().source.Text());
    response->set_key_set_json(core_.answers().key_set());
    return absl::OkStatus();
  });
}

}  // namespace limpid::vault

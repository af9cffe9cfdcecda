// gRPC edge of the key that verifies signed answers: anybody may read it.

#ifndef LIMPID_VAULT_RPC_ANSWER_KEY_RPC_H_
#define LIMPID_VAULT_RPC_ANSWER_KEY_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/answer_key_service.grpc.pb.h"
#include "vault/core.h"

namespace limpid::vault {

// Thread-safe.
class AnswerKeyRpc final : public v1::AnswerKeyService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Public. All must outlive the service.
  AnswerKeyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
               const VaultCore& core);

  grpc::ServerUnaryReactor* ListAnswerKeys(
      grpc::CallbackServerContext* context,
      const v1::ListAnswerKeysRequest* request,
      v1::ListAnswerKeysResponse* response) override;

 private:
  rpc::Edge edge_;
  const VaultCore& core_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_ANSWER_KEY_RPC_H_

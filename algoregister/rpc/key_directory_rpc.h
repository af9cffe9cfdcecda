// gRPC edges of the keys of services: anyone reads, operators bring.

#ifndef LIMPID_ALGOREGISTER_RPC_KEY_DIRECTORY_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_KEY_DIRECTORY_RPC_H_

#include "absl/status/status.h"
#include "algoregister/registration/register.h"
#include "algoregister/service_key/key_operators.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "common/tlog/log.h"
#include "limpid/algoregister/v1/key_directory_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class KeyDirectoryRpc final : public v1::KeyDirectoryService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Public. All must outlive the service.
  KeyDirectoryRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  const ServiceKeyStore& keys, const tlog::Log& log)
      : edge_(rpc::EdgeOf<v1::KeyDirectoryService>(runtime, policy)),
        keys_(keys),
        log_(log) {}

  grpc::ServerUnaryReactor* ListServiceKeys(
      grpc::CallbackServerContext* context,
      const v1::ListServiceKeysRequest* request,
      v1::ListServiceKeysResponse* response) override;

 private:
  absl::Status List(const v1::ListServiceKeysRequest& request,
                    v1::ListServiceKeysResponse& response) const;

  rpc::Edge edge_;
  const ServiceKeyStore& keys_;
  const tlog::Log& log_;
};

// Thread-safe.
class KeyPublishingRpc final
    : public v1::KeyPublishingService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Certificate. All must outlive the service.
  KeyPublishingRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Register& registrations, const KeyOperators& operators)
      : edge_(rpc::EdgeOf<v1::KeyPublishingService>(runtime, policy)),
        register_(registrations),
        operators_(operators) {}

  grpc::ServerUnaryReactor* PublishServiceKey(
      grpc::CallbackServerContext* context,
      const v1::PublishServiceKeyRequest* request,
      v1::PublishServiceKeyResponse* response) override;

 private:
  rpc::Edge edge_;
  Register& register_;
  const KeyOperators& operators_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_KEY_DIRECTORY_RPC_H_

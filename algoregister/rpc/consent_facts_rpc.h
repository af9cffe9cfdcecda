// gRPC edge of consent facts. Anyone may call.

#ifndef LIMPID_ALGOREGISTER_RPC_CONSENT_FACTS_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_CONSENT_FACTS_RPC_H_

#include "absl/status/status.h"
#include "algoregister/service_key/key_operators.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "common/tlog/log.h"
#include "limpid/algoregister/v1/consent_facts_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class ConsentFactsRpc final : public v1::ConsentFactsService::CallbackService {
 public:
  // All must outlive the service.
  struct Parts {
    const ServiceKeyStore& entries;
    const KeyOperators& operators;
    const tlog::Log& log;
  };

  // `policy` is rpc::AuthPolicy::Public.
  ConsentFactsRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  const Parts& parts)
      : edge_(rpc::EdgeOf<v1::ConsentFactsService>(runtime, policy)),
        parts_(parts) {}

  grpc::ServerUnaryReactor* GetConsentFacts(
      grpc::CallbackServerContext* context,
      const v1::GetConsentFactsRequest* request,
      v1::GetConsentFactsResponse* response) override;

 private:
  absl::Status Get(const v1::GetConsentFactsRequest& request,
                   v1::GetConsentFactsResponse& response) const;

  rpc::Edge edge_;
  Parts parts_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_CONSENT_FACTS_RPC_H_

// gRPC edge of statistics, for services.

#ifndef LIMPID_VAULT_RPC_STATISTICS_RPC_H_
#define LIMPID_VAULT_RPC_STATISTICS_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/vault/v1/statistics_service.grpc.pb.h"
#include "vault/statistics/aggregator.h"

namespace limpid::vault {

// Thread-safe.
class StatisticsRpc final : public v1::StatisticsService::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Service. All must outlive the service.
  StatisticsRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                Aggregator& aggregator);

  grpc::ServerUnaryReactor* Aggregate(grpc::CallbackServerContext* context,
                                      const v1::AggregateRequest* request,
                                      v1::AggregateResponse* response) override;

 private:
  rpc::Edge edge_;
  Aggregator& aggregator_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RPC_STATISTICS_RPC_H_

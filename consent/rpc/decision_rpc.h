// DecisionService: decisions for sources in processes of their own.

#ifndef LIMPID_CONSENT_RPC_DECISION_RPC_H_
#define LIMPID_CONSENT_RPC_DECISION_RPC_H_

#include <memory>

#include "absl/status/statusor.h"
#include "common/rpc/streaming.h"
#include "common/rpc/unary.h"
#include "consent/source/source_desk.h"
#include "limpid/consent/v1/decision_service.grpc.pb.h"

namespace limpid::consent {

class DecisionRpc final
    : public limpid::consent::v1::DecisionService::CallbackService {
 public:
  // `policy` lets certificates of the client CA through; which of them is a
  // source, the desk decides. All must outlive it.
  DecisionRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent);

  grpc::ServerBidiReactor<limpid::consent::v1::ConnectRequest,
                          limpid::consent::v1::ConnectResponse>*
  Connect(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* Authorize(
      grpc::CallbackServerContext* context,
      const limpid::consent::v1::AuthorizeRequest* request,
      limpid::consent::v1::AuthorizeResponse* response) override;
  grpc::ServerUnaryReactor* AuthorizeCohort(
      grpc::CallbackServerContext* context,
      const limpid::consent::v1::AuthorizeCohortRequest* request,
      limpid::consent::v1::AuthorizeCohortResponse* response) override;
  grpc::ServerUnaryReactor* ClosePermit(
      grpc::CallbackServerContext* context,
      const limpid::consent::v1::ClosePermitRequest* request,
      limpid::consent::v1::ClosePermitResponse* response) override;
  grpc::ServerWriteReactor<limpid::consent::v1::WatchFencesResponse>*
  WatchFences(grpc::CallbackServerContext* context,
              const limpid::consent::v1::WatchFencesRequest* request) override;

 private:
  const rpc::Edge edge_;
  SourceDesk desk_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_DECISION_RPC_H_

// gRPC edge of requests in foreign syntaxes.

#ifndef LIMPID_CONSENT_RPC_REQUEST_SYNTAX_RPC_H_
#define LIMPID_CONSENT_RPC_REQUEST_SYNTAX_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/request_syntax_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Service.
class RequestSyntaxRpc final
    : public v1::RequestSyntaxService::CallbackService {
 public:
  // Everything must outlive the service.
  RequestSyntaxRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Consent& consent);

  grpc::ServerUnaryReactor* CreateRequestFromSyntax(
      grpc::CallbackServerContext* context,
      const v1::CreateRequestFromSyntaxRequest* request,
      v1::CreateRequestFromSyntaxResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_REQUEST_SYNTAX_RPC_H_

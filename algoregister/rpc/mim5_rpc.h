// gRPC edge of the answers to MIM5. Anyone may call.

#ifndef LIMPID_ALGOREGISTER_RPC_MIM5_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_MIM5_RPC_H_

#include "algoregister/mim5/answers.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/rpc/export_limit.h"
#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/mim5_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class Mim5Rpc final : public v1::Mim5Service::CallbackService {
 public:
  // `policy` is rpc::AuthPolicy::Public. All must outlive the service.
  Mim5Rpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
          const RegistrationStore& store, const base::Clock& clock)
      : edge_(rpc::EdgeOf<v1::Mim5Service>(runtime, policy)),
        answers_(store, clock) {}

  grpc::ServerUnaryReactor* GetAutomatedDecisionMaking(
      grpc::CallbackServerContext* context,
      const v1::GetAutomatedDecisionMakingRequest* request,
      v1::GetAutomatedDecisionMakingResponse* response) override;
  grpc::ServerUnaryReactor* ListAlgorithms(
      grpc::CallbackServerContext* context,
      const v1::ListAlgorithmsRequest* request,
      v1::ListAlgorithmsResponse* response) override;
  grpc::ServerUnaryReactor* ListCertifications(
      grpc::CallbackServerContext* context,
      const v1::ListCertificationsRequest* request,
      v1::ListCertificationsResponse* response) override;

 private:
  rpc::Edge edge_;
  Mim5Answers answers_;
  // An answer reads hundreds of registrations.
  ExportLimit open_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_MIM5_RPC_H_

// gRPC edge of what was released of a person's data for training.

#ifndef LIMPID_CONSENT_RPC_TRAINING_RPC_H_
#define LIMPID_CONSENT_RPC_TRAINING_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/training_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class TrainingRpc final : public v1::TrainingService::CallbackService {
 public:
  // Everything must outlive the service.
  TrainingRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent);

  grpc::ServerUnaryReactor* ListTrainingReleases(
      grpc::CallbackServerContext* context,
      const v1::ListTrainingReleasesRequest* request,
      v1::ListTrainingReleasesResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_TRAINING_RPC_H_

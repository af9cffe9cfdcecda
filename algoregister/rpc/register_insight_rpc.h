// gRPC edge of what follows from registrations taken together. Anyone may call.

#ifndef LIMPID_ALGOREGISTER_RPC_REGISTER_INSIGHT_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_REGISTER_INSIGHT_RPC_H_

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/matching/proposal_keeper.h"
#include "algoregister/registration/register.h"
#include "algoregister/registration/registration_store.h"
#include "algoregister/rpc/export_limit.h"
#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "limpid/algoregister/v1/register_insight_service.grpc.pb.h"

namespace limpid::algoregister {

// Thread-safe.
class RegisterInsightRpc final
    : public v1::RegisterInsightService::CallbackService {
 public:
  // All must outlive the service.
  struct Parts {
    const RegistrationStore& store;
    const Register& registrations;
    const base::Clock& clock;
  };

  // `policy` is rpc::AuthPolicy::Public.
  RegisterInsightRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                     const Parts& parts)
      : edge_(rpc::EdgeOf<v1::RegisterInsightService>(runtime, policy)),
        parts_(parts),
        proposals_(parts.store, parts.registrations, parts.clock) {}

  grpc::ServerUnaryReactor* ListReferrers(
      grpc::CallbackServerContext* context,
      const v1::ListReferrersRequest* request,
      v1::ListReferrersResponse* response) override;
  grpc::ServerUnaryReactor* CheckRegistration(
      grpc::CallbackServerContext* context,
      const v1::CheckRegistrationRequest* request,
      v1::CheckRegistrationResponse* response) override;
  grpc::ServerUnaryReactor* ListProposals(
      grpc::CallbackServerContext* context,
      const v1::ListProposalsRequest* request,
      v1::ListProposalsResponse* response) override;

 private:
  absl::Status Referrers(const v1::ListReferrersRequest& request,
                         v1::ListReferrersResponse& response) const;
  // Fills the target of the response too.
  absl::StatusOr<LinkQuery> ReadQuery(
      const v1::ListReferrersRequest& request,
      v1::ListReferrersResponse& response) const;
  absl::Status Check(const v1::CheckRegistrationRequest& request,
                     v1::CheckRegistrationResponse& response) const;
  absl::Status Propose(const v1::ListProposalsRequest& request,
                       v1::ListProposalsResponse& response);

  rpc::Edge edge_;
  Parts parts_;
  ProposalKeeper proposals_;
  // Of lists of proposals, one of which may compare every deployment.
  ExportLimit listing_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_REGISTER_INSIGHT_RPC_H_

// gRPC edge of what follows from registrations taken together. Anyone may call.

#ifndef LIMPID_ALGOREGISTER_RPC_REGISTER_INSIGHT_RPC_H_
#define LIMPID_ALGOREGISTER_RPC_REGISTER_INSIGHT_RPC_H_

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/matching/proposals.h"
#include "algoregister/registration/register.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
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
        parts_(parts) {}

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
  // What proposals were computed from.
  struct State {
    std::uint64_t logged = 0;
    std::uint64_t erasures = 0;
    friend bool operator==(const State&, const State&) = default;
  };

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
  // Compares every deployment, unless nothing changed since the last time.
  absl::StatusOr<std::shared_ptr<const Proposals>> Newest();

  rpc::Edge edge_;
  Parts parts_;
  // Held while proposals are computed: once at a time.
  base::Mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<const Proposals> proposals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_RPC_REGISTER_INSIGHT_RPC_H_

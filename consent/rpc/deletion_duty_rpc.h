// gRPC edges of deletion duties: the service's, the person's, the operator's.

#ifndef LIMPID_CONSENT_RPC_DELETION_DUTY_RPC_H_
#define LIMPID_CONSENT_RPC_DELETION_DUTY_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "consent/duty/duty_views.h"
#include "limpid/consent/v1/deletion_duty_service.grpc.pb.h"

namespace limpid::consent {

v1::DeletionDuty ToProto(const DutyView& view);

// Under AuthPolicy::Service: which service it is, the pinned keys say.
class DeletionDutyRpc final : public v1::DeletionDutyService::CallbackService {
 public:
  // Everything must outlive the service.
  DeletionDutyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  Consent& consent);

  grpc::ServerUnaryReactor* ListDeletionDuties(
      grpc::CallbackServerContext* context,
      const v1::ListDeletionDutiesRequest* request,
      v1::ListDeletionDutiesResponse* response) override;
  grpc::ServerUnaryReactor* AcknowledgeDeletion(
      grpc::CallbackServerContext* context,
      const v1::AcknowledgeDeletionRequest* request,
      v1::AcknowledgeDeletionResponse* response) override;
  grpc::ServerUnaryReactor* RefuseDeletion(
      grpc::CallbackServerContext* context,
      const v1::RefuseDeletionRequest* request,
      v1::RefuseDeletionResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

// Under AuthPolicy::Person.
class PersonDutyRpc final : public v1::PersonDutyService::CallbackService {
 public:
  // Everything must outlive the service.
  PersonDutyRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                Consent& consent);

  grpc::ServerUnaryReactor* ListDuties(
      grpc::CallbackServerContext* context,
      const v1::ListDutiesRequest* request,
      v1::ListDutiesResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

// Under AuthPolicy::Administrator.
class DutyAdminRpc final : public v1::DutyAdminService::CallbackService {
 public:
  // Everything must outlive the service.
  DutyAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent);

  grpc::ServerUnaryReactor* ListOverdueDuties(
      grpc::CallbackServerContext* context,
      const v1::ListOverdueDutiesRequest* request,
      v1::ListOverdueDutiesResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_DELETION_DUTY_RPC_H_

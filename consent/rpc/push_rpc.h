// gRPC edges of pushing: the service's, the person's, the operator's.

#ifndef LIMPID_CONSENT_RPC_PUSH_RPC_H_
#define LIMPID_CONSENT_RPC_PUSH_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "consent/push/push_views.h"
#include "limpid/consent/v1/person_delivery_service.grpc.pb.h"
#include "limpid/consent/v1/push_admin_service.grpc.pb.h"
#include "limpid/consent/v1/service_push_service.grpc.pb.h"

namespace limpid::consent {

v1::PushEndpoint ToProto(const PushEndpointView& view);
v1::Delivery ToProto(const DeliveryView& view);
v1::DeadLetter ToProto(const PushLetterView& view);

// Under AuthPolicy::Service: which service it is, the pinned keys say.
class ServicePushRpc final : public v1::ServicePushService::CallbackService {
 public:
  // Everything must outlive the service.
  ServicePushRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                 Consent& consent);

  grpc::ServerUnaryReactor* SetPushEndpoint(
      grpc::CallbackServerContext* context,
      const v1::SetPushEndpointRequest* request,
      v1::SetPushEndpointResponse* response) override;
  grpc::ServerUnaryReactor* GetPushEndpoint(
      grpc::CallbackServerContext* context,
      const v1::GetPushEndpointRequest* request,
      v1::GetPushEndpointResponse* response) override;
  grpc::ServerUnaryReactor* RemovePushEndpoint(
      grpc::CallbackServerContext* context,
      const v1::RemovePushEndpointRequest* request,
      v1::RemovePushEndpointResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

// Under AuthPolicy::Person.
class PersonDeliveryRpc final
    : public v1::PersonDeliveryService::CallbackService {
 public:
  // Everything must outlive the service.
  PersonDeliveryRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                    Consent& consent);

  grpc::ServerUnaryReactor* ListDeliveries(
      grpc::CallbackServerContext* context,
      const v1::ListDeliveriesRequest* request,
      v1::ListDeliveriesResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

// Under AuthPolicy::Administrator.
class PushAdminRpc final : public v1::PushAdminService::CallbackService {
 public:
  // Everything must outlive the service.
  PushAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent);

  grpc::ServerUnaryReactor* SetPushOrigin(
      grpc::CallbackServerContext* context,
      const v1::SetPushOriginRequest* request,
      v1::SetPushOriginResponse* response) override;
  grpc::ServerUnaryReactor* ListDeadLetters(
      grpc::CallbackServerContext* context,
      const v1::ListDeadLettersRequest* request,
      v1::ListDeadLettersResponse* response) override;
  grpc::ServerUnaryReactor* RetryDeadLetters(
      grpc::CallbackServerContext* context,
      const v1::RetryDeadLettersRequest* request,
      v1::RetryDeadLettersResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_PUSH_RPC_H_

// gRPC edges of decision notices: the services', who send them, and the
// person's.

#ifndef LIMPID_CONSENT_RPC_DECISION_NOTICE_RPC_H_
#define LIMPID_CONSENT_RPC_DECISION_NOTICE_RPC_H_

#include "common/base/clock.h"
#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "consent/decision_notice/notice_limiter.h"
#include "limpid/consent/v1/decision_notice_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Service.
class ServiceDecisionNoticeRpc final
    : public v1::ServiceDecisionNoticeService::CallbackService {
 public:
  // Everything must outlive the service.
  ServiceDecisionNoticeRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                           Consent& consent, const base::Clock& clock);

  grpc::ServerUnaryReactor* SendDecisionNotice(
      grpc::CallbackServerContext* context,
      const v1::SendDecisionNoticeRequest* request,
      v1::SendDecisionNoticeResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
  const base::Clock& clock_;
  NoticeLimiter limiter_;
};

// Under AuthPolicy::Person.
class PersonDecisionNoticeRpc final
    : public v1::PersonDecisionNoticeService::CallbackService {
 public:
  // Everything must outlive the service.
  PersonDecisionNoticeRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                          Consent& consent);

  grpc::ServerUnaryReactor* ListDecisionNotices(
      grpc::CallbackServerContext* context,
      const v1::ListDecisionNoticesRequest* request,
      v1::ListDecisionNoticesResponse* response) override;
  grpc::ServerUnaryReactor* GetDecisionNotice(
      grpc::CallbackServerContext* context,
      const v1::GetDecisionNoticeRequest* request,
      v1::GetDecisionNoticeResponse* response) override;
  grpc::ServerUnaryReactor* AcknowledgeDecisionNotice(
      grpc::CallbackServerContext* context,
      const v1::AcknowledgeDecisionNoticeRequest* request,
      v1::AcknowledgeDecisionNoticeResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_DECISION_NOTICE_RPC_H_

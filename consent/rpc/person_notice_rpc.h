// gRPC edge of a person's basis notices.

#ifndef LIMPID_CONSENT_RPC_PERSON_NOTICE_RPC_H_
#define LIMPID_CONSENT_RPC_PERSON_NOTICE_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/streaming.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/person_notice_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class PersonNoticeRpc final : public v1::PersonNoticeService::CallbackService {
 public:
  // Everything must outlive the service.
  PersonNoticeRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                  Consent& consent);

  grpc::ServerUnaryReactor* ListNotices(
      grpc::CallbackServerContext* context,
      const v1::ListNoticesRequest* request,
      v1::ListNoticesResponse* response) override;
  grpc::ServerUnaryReactor* AcknowledgeNotice(
      grpc::CallbackServerContext* context,
      const v1::AcknowledgeNoticeRequest* request,
      v1::AcknowledgeNoticeResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchNoticesResponse>* WatchNotices(
      grpc::CallbackServerContext* context,
      const v1::WatchNoticesRequest* request) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_PERSON_NOTICE_RPC_H_

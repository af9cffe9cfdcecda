// gRPC edge of the person's further acts: defer, narrow, object, allow asking.

#ifndef LIMPID_CONSENT_RPC_RECORD_ACT_RPC_H_
#define LIMPID_CONSENT_RPC_RECORD_ACT_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/record_act_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class RecordActRpc final : public v1::RecordActService::CallbackService {
 public:
  // Everything must outlive the service.
  RecordActRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent);

  grpc::ServerUnaryReactor* DeferRecord(
      grpc::CallbackServerContext* context,
      const v1::DeferRecordRequest* request,
      v1::DeferRecordResponse* response) override;
  grpc::ServerUnaryReactor* NarrowRecord(
      grpc::CallbackServerContext* context,
      const v1::NarrowRecordRequest* request,
      v1::NarrowRecordResponse* response) override;
  grpc::ServerUnaryReactor* ObjectToRecord(
      grpc::CallbackServerContext* context,
      const v1::ObjectToRecordRequest* request,
      v1::ObjectToRecordResponse* response) override;
  grpc::ServerUnaryReactor* AllowAskingAgain(
      grpc::CallbackServerContext* context,
      const v1::AllowAskingAgainRequest* request,
      v1::AllowAskingAgainResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_RECORD_ACT_RPC_H_

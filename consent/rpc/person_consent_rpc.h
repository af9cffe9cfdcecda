// gRPC edge of the person's side of consent.

#ifndef LIMPID_CONSENT_RPC_PERSON_CONSENT_RPC_H_
#define LIMPID_CONSENT_RPC_PERSON_CONSENT_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/person_consent_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class PersonConsentRpc final
    : public v1::PersonConsentService::CallbackService {
 public:
  // Everything must outlive the service.
  PersonConsentRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                   Consent& consent);

  grpc::ServerUnaryReactor* BindRequest(
      grpc::CallbackServerContext* context,
      const v1::BindRequestRequest* request,
      v1::BindRequestResponse* response) override;
  grpc::ServerUnaryReactor* ListRequests(
      grpc::CallbackServerContext* context,
      const v1::ListRequestsRequest* request,
      v1::ListRequestsResponse* response) override;
  grpc::ServerUnaryReactor* GetRecord(grpc::CallbackServerContext* context,
                                      const v1::GetRecordRequest* request,
                                      v1::GetRecordResponse* response) override;
  grpc::ServerUnaryReactor* ListRecords(
      grpc::CallbackServerContext* context,
      const v1::ListRecordsRequest* request,
      v1::ListRecordsResponse* response) override;
  grpc::ServerUnaryReactor* GrantRecord(
      grpc::CallbackServerContext* context,
      const v1::GrantRecordRequest* request,
      v1::GrantRecordResponse* response) override;
  grpc::ServerUnaryReactor* RefuseRecord(
      grpc::CallbackServerContext* context,
      const v1::RefuseRecordRequest* request,
      v1::RefuseRecordResponse* response) override;
  grpc::ServerUnaryReactor* PauseRecord(
      grpc::CallbackServerContext* context,
      const v1::PauseRecordRequest* request,
      v1::PauseRecordResponse* response) override;
  grpc::ServerUnaryReactor* ResumeRecord(
      grpc::CallbackServerContext* context,
      const v1::ResumeRecordRequest* request,
      v1::ResumeRecordResponse* response) override;
  grpc::ServerUnaryReactor* WithdrawRecord(
      grpc::CallbackServerContext* context,
      const v1::WithdrawRecordRequest* request,
      v1::WithdrawRecordResponse* response) override;
  grpc::ServerUnaryReactor* ListAccesses(
      grpc::CallbackServerContext* context,
      const v1::ListAccessesRequest* request,
      v1::ListAccessesResponse* response) override;
  grpc::ServerUnaryReactor* GetReceipt(
      grpc::CallbackServerContext* context,
      const v1::GetReceiptRequest* request,
      v1::GetReceiptResponse* response) override;
  grpc::ServerUnaryReactor* ExplainDecision(
      grpc::CallbackServerContext* context,
      const v1::ExplainDecisionRequest* request,
      v1::ExplainDecisionResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_PERSON_CONSENT_RPC_H_

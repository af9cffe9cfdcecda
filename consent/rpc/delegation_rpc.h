// gRPC edges of delegations: a person's own, what she does as a representative,
// and what staff record.

#ifndef LIMPID_CONSENT_RPC_DELEGATION_RPC_H_
#define LIMPID_CONSENT_RPC_DELEGATION_RPC_H_

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/consent.h"
#include "limpid/consent/v1/delegation.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Person.
class DelegationRpc final : public v1::DelegationService::CallbackService {
 public:
  // Everything must outlive the service.
  DelegationRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                Consent& consent);

  grpc::ServerUnaryReactor* MakeDelegation(
      grpc::CallbackServerContext* context,
      const v1::MakeDelegationRequest* request,
      v1::MakeDelegationResponse* response) override;
  grpc::ServerUnaryReactor* ListDelegations(
      grpc::CallbackServerContext* context,
      const v1::ListDelegationsRequest* request,
      v1::ListDelegationsResponse* response) override;
  grpc::ServerUnaryReactor* ListMandates(
      grpc::CallbackServerContext* context,
      const v1::ListMandatesRequest* request,
      v1::ListMandatesResponse* response) override;
  grpc::ServerUnaryReactor* EndDelegation(
      grpc::CallbackServerContext* context,
      const v1::EndDelegationRequest* request,
      v1::EndDelegationResponse* response) override;
  grpc::ServerUnaryReactor* EndAllDelegations(
      grpc::CallbackServerContext* context,
      const v1::EndAllDelegationsRequest* request,
      v1::EndAllDelegationsResponse* response) override;
  grpc::ServerUnaryReactor* ListRepresentedRecords(
      grpc::CallbackServerContext* context,
      const v1::ListRepresentedRecordsRequest* request,
      v1::ListRepresentedRecordsResponse* response) override;
  grpc::ServerUnaryReactor* GetRepresentedRecord(
      grpc::CallbackServerContext* context,
      const v1::GetRepresentedRecordRequest* request,
      v1::GetRepresentedRecordResponse* response) override;
  grpc::ServerUnaryReactor* GrantRepresentedRecord(
      grpc::CallbackServerContext* context,
      const v1::GrantRepresentedRecordRequest* request,
      v1::GrantRepresentedRecordResponse* response) override;
  grpc::ServerUnaryReactor* RefuseRepresentedRecord(
      grpc::CallbackServerContext* context,
      const v1::RefuseRepresentedRecordRequest* request,
      v1::RefuseRepresentedRecordResponse* response) override;
  grpc::ServerUnaryReactor* WithdrawRepresentedRecord(
      grpc::CallbackServerContext* context,
      const v1::WithdrawRepresentedRecordRequest* request,
      v1::WithdrawRepresentedRecordResponse* response) override;
  grpc::ServerUnaryReactor* ListRepresentedAccesses(
      grpc::CallbackServerContext* context,
      const v1::ListRepresentedAccessesRequest* request,
      v1::ListRepresentedAccessesResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

// Under AuthPolicy::Administrator.
class DelegationAdminRpc final
    : public v1::DelegationAdminService::CallbackService {
 public:
  // Everything must outlive the service.
  DelegationAdminRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy,
                     Consent& consent);

  grpc::ServerUnaryReactor* RecordDelegation(
      grpc::CallbackServerContext* context,
      const v1::RecordDelegationRequest* request,
      v1::RecordDelegationResponse* response) override;
  grpc::ServerUnaryReactor* RevokeDelegation(
      grpc::CallbackServerContext* context,
      const v1::RevokeDelegationRequest* request,
      v1::RevokeDelegationResponse* response) override;

 private:
  rpc::Edge edge_;
  Consent& consent_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_DELEGATION_RPC_H_

// gRPC edge of the auditors' view.

#ifndef LIMPID_CONSENT_RPC_AUDIT_RPC_H_
#define LIMPID_CONSENT_RPC_AUDIT_RPC_H_

#include <vector>

#include "common/rpc/auth_policy.h"
#include "common/rpc/runtime.h"
#include "common/rpc/unary.h"
#include "consent/audit/audit.h"
#include "consent/consent.h"
#include "limpid/consent/v1/audit_service.grpc.pb.h"

namespace limpid::consent {

// Under AuthPolicy::Service; lets the pinned keys through and no other.
class AuditRpc final : public v1::AuditService::CallbackService {
 public:
  // Everything must outlive the service.
  AuditRpc(rpc::Runtime& runtime, rpc::AuthPolicy policy, Consent& consent,
           std::vector<AuditorKey> auditors);

  grpc::ServerUnaryReactor* ListAuditEntries(
      grpc::CallbackServerContext* context,
      const v1::ListAuditEntriesRequest* request,
      v1::ListAuditEntriesResponse* response) override;
  grpc::ServerUnaryReactor* ListAuditTicks(
      grpc::CallbackServerContext* context,
      const v1::ListAuditTicksRequest* request,
      v1::ListAuditTicksResponse* response) override;

 private:
  // Errors:
  //   kPermissionDenied  the caller is no auditor.
  [[nodiscard]] absl::StatusOr<AuditorKey> AuditorOf(
      const rpc::Caller& caller) const;

  rpc::Edge edge_;
  AuditBook book_;
  const std::vector<AuditorKey> auditors_;
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_RPC_AUDIT_RPC_H_

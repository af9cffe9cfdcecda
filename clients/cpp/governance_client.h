// What administrators decide about sharing and about changes of services. Calls
// carry a certificate of the administrators' CA. Thin: one method per RPC;
// errors are the server's.

#ifndef LIMPID_CLIENTS_CPP_GOVERNANCE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_GOVERNANCE_CLIENT_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/service_change_service.pb.h"
#include "limpid/consent/v1/service_key_admin_service.pb.h"
#include "limpid/consent/v1/sharing_admin_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` must outlive it.
class GovernanceClient {
 public:
  explicit GovernanceClient(Connection& connection) : connection_(connection) {}

  // An empty request_id is filled with random bytes.
  absl::StatusOr<consent::v1::SharingAgreement> CreateSharingAgreement(
      consent::v1::CreateSharingAgreementRequest request);
  absl::StatusOr<consent::v1::SharingAgreement> CreateDefaultSharingAgreement(
      std::string_view service_id, std::string_view source_id);
  absl::StatusOr<consent::v1::SharingAgreement> EndSharingAgreement(
      std::string_view sharing_id);
  // An empty request_id is filled with random bytes.
  absl::StatusOr<consent::v1::ServiceChange> ProposeServiceChange(
      consent::v1::ProposeServiceChangeRequest request);
  absl::StatusOr<consent::v1::ServiceChange> ApproveServiceChange(
      std::string_view change_id);
  absl::StatusOr<consent::v1::ServiceChange> CancelServiceChange(
      std::string_view change_id);
  // What became of a service's keys on their way to the register log.
  absl::StatusOr<consent::v1::GetServiceKeysResponse> GetServiceKeys(
      std::string_view service_id);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_GOVERNANCE_CLIENT_H_

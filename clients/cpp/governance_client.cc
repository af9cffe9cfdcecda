#include "clients/cpp/governance_client.h"

#include <string>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"

namespace limpid::client {
namespace {

namespace consent = limpid::consent::v1;

#define LIMPID_SHARING "/limpid.consent.v1.SharingAdminService/"
constexpr Method kCreateSharing = {LIMPID_SHARING "CreateSharingAgreement",
                                   true};
constexpr Method kCreateDefault = {
    LIMPID_SHARING "CreateDefaultSharingAgreement", true};
constexpr Method kEndSharing = {LIMPID_SHARING "EndSharingAgreement", true};
#undef LIMPID_SHARING
#define LIMPID_CHANGE "/limpid.consent.v1.ServiceChangeService/"
constexpr Method kPropose = {LIMPID_CHANGE "ProposeServiceChange", true};
constexpr Method kApprove = {LIMPID_CHANGE "ApproveServiceChange", true};
constexpr Method kCancel = {LIMPID_CHANGE "CancelServiceChange", true};
#undef LIMPID_CHANGE
constexpr Method kGetServiceKeys = {
    "/limpid.consent.v1.ServiceKeyAdminService/GetServiceKeys", true};

constexpr std::size_t kRequestIdBytes = 16;

std::string RequestId() {
  return base::ToText(crypto::RandomArray<kRequestIdBytes>());
}

}  // namespace

absl::StatusOr<consent::SharingAgreement>
GovernanceClient::CreateSharingAgreement(
    consent::CreateSharingAgreementRequest request) {
  if (request.request_id().empty()) request.set_request_id(RequestId());
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::CreateSharingAgreementResponse>(
                              connection_, kCreateSharing, request));
  return std::move(*response.mutable_sharing_agreement());
}

absl::StatusOr<consent::SharingAgreement>
GovernanceClient::CreateDefaultSharingAgreement(std::string_view service_id,
                                                std::string_view source_id) {
  consent::CreateDefaultSharingAgreementRequest request;
  request.set_service_id(std::string(service_id));
  request.set_source_id(std::string(source_id));
  LIMPID_ASSIGN_OR_RETURN(
      auto response, Invoke<consent::CreateDefaultSharingAgreementResponse>(
                         connection_, kCreateDefault, request));
  return std::move(*response.mutable_sharing_agreement());
}

absl::StatusOr<consent::SharingAgreement> GovernanceClient::EndSharingAgreement(
    std::string_view sharing_id) {
  consent::EndSharingAgreementRequest request;
  request.set_sharing_id(std::string(sharing_id));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::EndSharingAgreementResponse>(
                              connection_, kEndSharing, request));
  return std::move(*response.mutable_sharing_agreement());
}

absl::StatusOr<consent::ServiceChange> GovernanceClient::ProposeServiceChange(
    consent::ProposeServiceChangeRequest request) {
  if (request.request_id().empty()) request.set_request_id(RequestId());
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::ProposeServiceChangeResponse>(
                              connection_, kPropose, request));
  return std::move(*response.mutable_change());
}

absl::StatusOr<consent::ServiceChange> GovernanceClient::ApproveServiceChange(
    std::string_view change_id) {
  consent::ApproveServiceChangeRequest request;
  request.set_change_id(std::string(change_id));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::ApproveServiceChangeResponse>(
                              connection_, kApprove, request));
  return std::move(*response.mutable_change());
}

absl::StatusOr<consent::ServiceChange> GovernanceClient::CancelServiceChange(
    std::string_view change_id) {
  consent::CancelServiceChangeRequest request;
  request.set_change_id(std::string(change_id));
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::CancelServiceChangeResponse>(
                              connection_, kCancel, request));
  return std::move(*response.mutable_change());
}

absl::StatusOr<consent::GetServiceKeysResponse>
GovernanceClient::GetServiceKeys(std::string_view service_id) {
  consent::GetServiceKeysRequest request;
  request.set_service_id(std::string(service_id));
  return Invoke<consent::GetServiceKeysResponse>(connection_, kGetServiceKeys,
                                                 request);
}

}  // namespace limpid::client

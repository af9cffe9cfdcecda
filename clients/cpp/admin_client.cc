#include "clients/cpp/admin_client.h"

#include <cstddef>
#include <utility>

#include "clients/cpp/paging.h"
#include "common/base/bytes.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"

namespace limpid::client {
namespace {

namespace algoregister = limpid::algoregister::v1;
namespace consent = limpid::consent::v1;
namespace vault = limpid::vault::v1;

#define LIMPID_CONSENT_ADMIN "/limpid.consent.v1.ConsentAdminService/"
constexpr Method kCreateService = {LIMPID_CONSENT_ADMIN "CreateService", true};
constexpr Method kListServices = {LIMPID_CONSENT_ADMIN "ListServices", true};
constexpr Method kCreateAgreement = {LIMPID_CONSENT_ADMIN "CreateAgreement",
                                     true};
constexpr Method kRevokeRecord = {LIMPID_CONSENT_ADMIN "RevokeRecord"};
#undef LIMPID_CONSENT_ADMIN
constexpr Method kCreatePublisher = {
    "/limpid.algoregister.v1.RegisterAdminService/CreatePublisher", true};
constexpr Method kEraseField = {
    "/limpid.algoregister.v1.RegisterErasureService/EraseField", true,
    kErasingPatience};
constexpr Method kEraseEvidence = {
    "/limpid.algoregister.v1.RegisterErasureService/EraseEvidenceBundle", true,
    kErasingPatience};
constexpr Method kPlaceHold = {"/limpid.vault.v1.HoldAdminService/PlaceHold"};
constexpr Method kLiftHold = {"/limpid.vault.v1.HoldAdminService/LiftHold"};
constexpr Method kListEpochs = {
    "/limpid.vault.v1.KeyAdminService/ListKeyEpochs", true};
constexpr Method kStartEpoch = {
    "/limpid.vault.v1.KeyAdminService/StartKeyEpoch", true};
constexpr Method kDestroyEpoch = {
    "/limpid.vault.v1.KeyAdminService/DestroyKeyEpoch"};
// A call ends with a shard of persons, whose values may be many; a slow disk
// and writers beside it take their time. Past it the server goes on to the end
// of the shard, and another call begins where this one did.
constexpr absl::Duration kResealPatience = absl::Minutes(10);
constexpr Method kResealValues = {
    "/limpid.vault.v1.KeyAdminService/ResealValues", true, kResealPatience};
constexpr Method kCreateDefinition = {
    "/limpid.vault.v1.VaultAdminService/CreateAttributeDefinition", true};

constexpr std::size_t kRequestIdBytes = 16;
constexpr int kPageSize = 200;

std::string RequestId() {
  return base::ToText(crypto::RandomArray<kRequestIdBytes>());
}

}  // namespace

absl::StatusOr<consent::Service> AdminClient::CreateService(
    consent::CreateServiceRequest request) {
  if (request.request_id().empty()) request.set_request_id(RequestId());
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::CreateServiceResponse>(
                              connection_, kCreateService, request));
  return std::move(*response.mutable_service());
}

absl::StatusOr<std::vector<consent::Service>> AdminClient::ListServices() {
  consent::ListServicesRequest request;
  request.set_page_size(kPageSize);
  LIMPID_ASSIGN_OR_RETURN(const auto response,
                          Invoke<consent::ListServicesResponse>(
                              connection_, kListServices, request));
  return std::vector<consent::Service>(response.services().begin(),
                                       response.services().end());
}

absl::StatusOr<consent::Service> AdminClient::FindService(
    std::string_view service_id) {
  consent::ListServicesRequest request;
  request.set_page_size(kPageSize);
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            Invoke<consent::ListServicesResponse>(
                                connection_, kListServices, request));
    for (const consent::Service& service : page.services()) {
      if (service.service_id() == service_id) return service;
    }
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.services_size())));
    request.set_page_token(page.next_page_token());
  }
  return absl::NotFoundError("no such service");
}

absl::StatusOr<consent::Agreement> AdminClient::CreateAgreement(
    const consent::CreateAgreementRequest& request) {
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::CreateAgreementResponse>(
                              connection_, kCreateAgreement, request));
  return std::move(*response.mutable_agreement());
}

absl::StatusOr<consent::RevokeRecordResponse> AdminClient::RevokeRecord(
    std::string_view record_id, std::string_view reason) {
  consent::RevokeRecordRequest request;
  request.set_record_id(std::string(record_id));
  request.set_reason(std::string(reason));
  return Invoke<consent::RevokeRecordResponse>(connection_, kRevokeRecord,
                                               request);
}

absl::StatusOr<algoregister::Publisher> AdminClient::CreatePublisher(
    const algoregister::Publisher& publisher) {
  algoregister::CreatePublisherRequest request;
  *request.mutable_publisher() = publisher;
  request.set_request_id(RequestId());
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<algoregister::CreatePublisherResponse>(
                              connection_, kCreatePublisher, request));
  return std::move(*response.mutable_publisher());
}

absl::StatusOr<algoregister::EraseFieldResponse> AdminClient::EraseField(
    const algoregister::EraseFieldRequest& request) {
  return Invoke<algoregister::EraseFieldResponse>(connection_, kEraseField,
                                                  request);
}

absl::StatusOr<algoregister::EraseEvidenceBundleResponse>
AdminClient::EraseEvidenceBundle(
    const algoregister::EraseEvidenceBundleRequest& request) {
  return Invoke<algoregister::EraseEvidenceBundleResponse>(
      connection_, kEraseEvidence, request);
}

absl::StatusOr<vault::AttributeDefinition>
AdminClient::CreateAttributeDefinition(
    const vault::AttributeDefinition& definition) {
  vault::CreateAttributeDefinitionRequest request;
  *request.mutable_definition() = definition;
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<vault::CreateAttributeDefinitionResponse>(
                              connection_, kCreateDefinition, request));
  return std::move(*response.mutable_definition());
}

absl::StatusOr<vault::Hold> AdminClient::PlaceHold(
    const vault::PlaceHoldRequest& request) {
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<vault::PlaceHoldResponse>(
                                             connection_, kPlaceHold, request));
  return std::move(*response.mutable_hold());
}

absl::StatusOr<vault::Hold> AdminClient::LiftHold(std::string_view hold_id) {
  vault::LiftHoldRequest request;
  request.set_hold_id(std::string(hold_id));
  LIMPID_ASSIGN_OR_RETURN(auto response, Invoke<vault::LiftHoldResponse>(
                                             connection_, kLiftHold, request));
  return std::move(*response.mutable_hold());
}

absl::StatusOr<vault::ListKeyEpochsResponse> AdminClient::ListKeyEpochs() {
  return Invoke<vault::ListKeyEpochsResponse>(connection_, kListEpochs,
                                              vault::ListKeyEpochsRequest());
}

absl::StatusOr<vault::StartKeyEpochResponse> AdminClient::StartKeyEpoch(
    std::uint32_t after_epoch) {
  vault::StartKeyEpochRequest request;
  request.set_after_epoch(after_epoch);
  return Invoke<vault::StartKeyEpochResponse>(connection_, kStartEpoch,
                                              request);
}

absl::StatusOr<vault::DestroyKeyEpochResponse> AdminClient::DestroyKeyEpoch(
    const vault::DestroyKeyEpochRequest& request) {
  return Invoke<vault::DestroyKeyEpochResponse>(connection_, kDestroyEpoch,
                                                request);
}

absl::StatusOr<vault::ResealValuesResponse> AdminClient::ResealValues(
    std::uint32_t suite, std::uint32_t first_shard) {
  vault::ResealValuesRequest request;
  request.set_suite(suite);
  request.set_first_shard(first_shard);
  return Invoke<vault::ResealValuesResponse>(connection_, kResealValues,
                                             request);
}

}  // namespace limpid::client

#include "clients/cpp/reconsent_client.h"

#include <string>

namespace limpid::client {
namespace {

namespace consent = limpid::consent::v1;

constexpr Method kListReconsents = {
    "/limpid.consent.v1.PersonReconsentService/ListReconsents", true};
constexpr Method kGetRecordForm = {
    "/limpid.consent.v1.PersonReconsentService/GetRecordForm", true};
constexpr Method kListCampaigns = {
    "/limpid.consent.v1.ServiceCampaignService/ListCampaigns", true};

}  // namespace

absl::StatusOr<consent::ListReconsentsResponse> ListReconsents(
    Connection& connection) {
  return Invoke<consent::ListReconsentsResponse>(
      connection, kListReconsents, consent::ListReconsentsRequest());
}

absl::StatusOr<consent::GetRecordFormResponse> GetRecordForm(
    Connection& connection, std::string_view record_id,
    std::string_view language) {
  consent::GetRecordFormRequest request;
  request.set_record_id(std::string(record_id));
  request.set_language(std::string(language));
  return Invoke<consent::GetRecordFormResponse>(connection, kGetRecordForm,
                                                request);
}

absl::StatusOr<consent::ListCampaignsResponse> ListCampaigns(
    Connection& connection) {
  return Invoke<consent::ListCampaignsResponse>(
      connection, kListCampaigns, consent::ListCampaignsRequest());
}

}  // namespace limpid::client

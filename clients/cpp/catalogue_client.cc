#include "clients/cpp/catalogue_client.h"

#include <cstddef>
#include <string>
#include <utility>

#include "clients/cpp/paging.h"
#include "common/base/status_macros.h"

namespace limpid::client {
namespace {

namespace consent = limpid::consent::v1;

#define LIMPID_CATALOGUE "/limpid.consent.v1.AgreementCatalogueService/"
constexpr Method kGetAgreement = {LIMPID_CATALOGUE "GetAgreement", true};
constexpr Method kDiffAgreements = {LIMPID_CATALOGUE "DiffAgreements", true};
constexpr Method kListSharing = {LIMPID_CATALOGUE "ListSharingAgreements",
                                 true};
constexpr Method kListChanges = {LIMPID_CATALOGUE "ListServiceChanges", true};
constexpr Method kGetForm = {LIMPID_CATALOGUE "GetAgreementForm", true};
#undef LIMPID_CATALOGUE

constexpr int kPageSize = 200;

}  // namespace

absl::StatusOr<consent::Agreement> CatalogueClient::GetAgreement(
    std::string_view agreement_id, std::uint32_t version) {
  consent::GetAgreementRequest request;
  request.set_agreement_id(std::string(agreement_id));
  request.set_version(version);
  LIMPID_ASSIGN_OR_RETURN(auto response,
                          Invoke<consent::GetAgreementResponse>(
                              connection_, kGetAgreement, request));
  return std::move(*response.mutable_agreement());
}

absl::StatusOr<consent::DiffAgreementsResponse> CatalogueClient::DiffAgreements(
    std::string_view agreement_id, std::uint32_t from, std::uint32_t to) {
  consent::DiffAgreementsRequest request;
  request.set_agreement_id(std::string(agreement_id));
  request.set_from_version(from);
  request.set_to_version(to);
  return Invoke<consent::DiffAgreementsResponse>(connection_, kDiffAgreements,
                                                 request);
}

absl::StatusOr<std::vector<consent::SharingAgreement>>
CatalogueClient::ListSharingAgreements(std::string_view service_id) {
  consent::ListSharingAgreementsRequest request;
  request.set_service_id(std::string(service_id));
  request.set_page_size(kPageSize);
  std::vector<consent::SharingAgreement> out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            Invoke<consent::ListSharingAgreementsResponse>(
                                connection_, kListSharing, request));
    out.insert(out.end(), page.sharing_agreements().begin(),
               page.sharing_agreements().end());
    LIMPID_ASSIGN_OR_RETURN(
        more,
        walk.More(page.next_page_token(),
                  static_cast<std::size_t>(page.sharing_agreements_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<std::vector<consent::ServiceChange>>
CatalogueClient::ListServiceChanges() {
  consent::ListServiceChangesRequest request;
  request.set_page_size(kPageSize);
  std::vector<consent::ServiceChange> out;
  PageWalk walk(EmptyPage::kMayBeFollowed);
  for (bool more = true; more;) {
    LIMPID_ASSIGN_OR_RETURN(const auto page,
                            Invoke<consent::ListServiceChangesResponse>(
                                connection_, kListChanges, request));
    out.insert(out.end(), page.changes().begin(), page.changes().end());
    LIMPID_ASSIGN_OR_RETURN(
        more, walk.More(page.next_page_token(),
                        static_cast<std::size_t>(page.changes_size())));
    request.set_page_token(page.next_page_token());
  }
  return out;
}

absl::StatusOr<consent::GetAgreementFormResponse>
CatalogueClient::GetAgreementForm(std::string_view agreement_id,
                                  std::uint32_t version,
                                  std::string_view language) {
  consent::GetAgreementFormRequest request;
  request.set_agreement_id(std::string(agreement_id));
  request.set_version(version);
  request.set_language(std::string(language));
  return Invoke<consent::GetAgreementFormResponse>(connection_, kGetForm,
                                                   request);
}

}  // namespace limpid::client

// What anybody may read about services and agreements. Calls need no identity.
// Thin: one method per RPC; errors are the server's.

#ifndef LIMPID_CLIENTS_CPP_CATALOGUE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_CATALOGUE_CLIENT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/agreement_catalogue_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` must outlive it.
class CatalogueClient {
 public:
  explicit CatalogueClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<consent::v1::Agreement> GetAgreement(
      std::string_view agreement_id, std::uint32_t version);
  absl::StatusOr<consent::v1::DiffAgreementsResponse> DiffAgreements(
      std::string_view agreement_id, std::uint32_t from, std::uint32_t to);
  // All of them; with `service_id`, those with that service.
  absl::StatusOr<std::vector<consent::v1::SharingAgreement>>
  ListSharingAgreements(std::string_view service_id);
  // All, newest proposal first.
  absl::StatusOr<std::vector<consent::v1::ServiceChange>> ListServiceChanges();
  absl::StatusOr<consent::v1::GetAgreementFormResponse> GetAgreementForm(
      std::string_view agreement_id, std::uint32_t version,
      std::string_view language);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_CATALOGUE_CLIENT_H_

// What a person is asked again and her consent forms, and a service's
// campaigns. Thin: one function per RPC; errors are the server's.

#ifndef LIMPID_CLIENTS_CPP_RECONSENT_CLIENT_H_
#define LIMPID_CLIENTS_CPP_RECONSENT_CLIENT_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/reconsent_service.pb.h"

namespace limpid::client {

// `connection` carries PersonTokens.
absl::StatusOr<consent::v1::ListReconsentsResponse> ListReconsents(
    Connection& connection);
absl::StatusOr<consent::v1::GetRecordFormResponse> GetRecordForm(
    Connection& connection, std::string_view record_id,
    std::string_view language);

// `connection` carries a service's certificate.
absl::StatusOr<consent::v1::ListCampaignsResponse> ListCampaigns(
    Connection& connection);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_RECONSENT_CLIENT_H_

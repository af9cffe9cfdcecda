// What a data using service does: ask, learn the answer, read exactly what is
// allowed now, hear of changes. Calls carry the service's client certificate.

#ifndef LIMPID_CLIENTS_CPP_SERVICE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_SERVICE_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/answer_keys.h"
#include "clients/cpp/connection.h"
#include "common/base/clock.h"
#include "limpid/consent/v1/service_consent_service.pb.h"
#include "limpid/vault/v1/statistics_service.pb.h"
#include "limpid/vault/v1/vault_service.pb.h"

namespace limpid::client {

struct ReadRequest {
  std::string record_id;
  std::string purpose_iri;
  std::vector<std::string> attributes;
  // Both for a training read, neither otherwise.
  std::string system_id;
  std::string snapshot_id;
  // Verifies signed answers with these; without them only their presence is
  // looked at. Outlives the call.
  const AnswerKeys* answer_keys = nullptr;
};

// Thread-compatible. `connection` and `clock` must outlive it.
class ServiceClient {
 public:
  ServiceClient(Connection& connection, const base::Clock& clock)
      : connection_(connection), clock_(clock) {}

  // Makes a request code to show to one person.
  absl::StatusOr<consent::v1::CreateRequestResponse> CreateRequest(
      std::string_view agreement_id, std::uint32_t version);
  absl::StatusOr<consent::v1::GetRequestStatusResponse> GetRequestStatus(
      std::string_view request_code);
  absl::StatusOr<consent::v1::ListAgreementsResponse> ListAgreements();

  // The service's copy of the record's latest grant or withdrawal, as a file.
  // What it is worth, receipt::VerifyServiceCopy says.
  absl::StatusOr<std::string> GetReceipt(std::string_view record_id);

  // Reads; discards an answer that came too late.
  //
  // Errors: the server's, and
  //   kUnavailable  the answer came after its valid_until_time.
  //   kDataLoss     an attested answer has no signature, or one that does not
  //                 verify or is about something else.
  absl::StatusOr<vault::v1::ReadAttributesResponse> Read(
      const ReadRequest& read);

  // Today's answer to a question about the persons of an agreement. May take a
  // minute; asking again gives the same.
  absl::StatusOr<vault::v1::AggregateResponse> Aggregate(
      const vault::v1::AggregateRequest& request);

  // Calls `each` for every event after `cursor` until it returns false or
  // `patience` is over, which is no error. Heartbeats are passed on too.
  absl::Status Watch(
      std::string_view cursor, absl::Duration patience,
      absl::FunctionRef<bool(const consent::v1::WatchResponse&)> each);

 private:
  Connection& connection_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SERVICE_CLIENT_H_

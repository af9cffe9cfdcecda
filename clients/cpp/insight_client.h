// What follows from the register's registrations taken together. Thin; errors
// are the server's.

#ifndef LIMPID_CLIENTS_CPP_INSIGHT_CLIENT_H_
#define LIMPID_CLIENTS_CPP_INSIGHT_CLIENT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/algoregister/v1/register_insight_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` must outlive it.
class InsightClient {
 public:
  explicit InsightClient(Connection& connection) : connection_(connection) {}

  // Every page in one answer.
  absl::StatusOr<algoregister::v1::ListReferrersResponse> Referrers(
      algoregister::v1::ListReferrersRequest request);
  // Version 0 is the newest; an empty source is every one.
  absl::StatusOr<algoregister::v1::CheckRegistrationResponse> Check(
      std::string_view registration_id, std::int64_t version,
      std::string_view source);
  // The first 500, as of computed_time.
  absl::StatusOr<algoregister::v1::ListProposalsResponse> Proposals();
  // Asks the register whether a proposal is still about what it was made from:
  // before anything is published that follows from it.
  //
  // Errors: further
  //   kFailedPrecondition  a registration of it has another version now.
  absl::Status CheckStillSo(const algoregister::v1::Proposal& proposal);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_INSIGHT_CLIENT_H_

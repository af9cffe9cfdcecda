// Pushing of events: where a service wants them, what a person sees of those
// about her, what an administrator does about those that were given up. Thin:
// one method per RPC; errors are the server's. Which methods may be called, the
// connection's credentials say.

#ifndef LIMPID_CLIENTS_CPP_PUSH_CLIENT_H_
#define LIMPID_CLIENTS_CPP_PUSH_CLIENT_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/person_delivery_service.pb.h"
#include "limpid/consent/v1/push_admin_service.pb.h"
#include "limpid/consent/v1/service_push_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` must outlive it.
class PushClient {
 public:
  explicit PushClient(Connection& connection) : connection_(connection) {}

  // For a service.
  absl::StatusOr<consent::v1::PushEndpoint> SetEndpoint(std::string_view url);
  absl::StatusOr<consent::v1::PushEndpoint> GetEndpoint();
  absl::Status RemoveEndpoint();

  // For a person.
  absl::StatusOr<std::vector<consent::v1::Delivery>> ListDeliveries(
      std::string_view record_id);

  // For an administrator; `service_id` may be empty but for SetOrigin.
  absl::StatusOr<consent::v1::PushEndpoint> SetOrigin(
      std::string_view service_id, std::string_view origin);
  // All pages.
  absl::StatusOr<std::vector<consent::v1::DeadLetter>> ListDeadLetters(
      std::string_view service_id);
  absl::StatusOr<std::uint64_t> RetryDeadLetters(std::string_view service_id);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_PUSH_CLIENT_H_

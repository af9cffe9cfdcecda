// Tickets of the register: anyone files and reads, publishers and
// administrators answer and moderate.

#ifndef LIMPID_CLIENTS_CPP_FEEDBACK_CLIENT_H_
#define LIMPID_CLIENTS_CPP_FEEDBACK_CLIENT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/algoregister/v1/feedback_service.pb.h"

namespace limpid::client {

// Thread-compatible. One method per RPC; errors are the server's. A text of a
// ticket is whatever somebody wrote: show it as plain text.
class FeedbackClient {
 public:
  explicit FeedbackClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<algoregister::v1::OpenTicketResponse> Open(
      const algoregister::v1::OpenTicketRequest& request);
  absl::StatusOr<algoregister::v1::Ticket> Get(std::string_view ticket_id);
  absl::StatusOr<algoregister::v1::ListTicketsResponse> List(
      const algoregister::v1::ListTicketsRequest& request);
  absl::StatusOr<algoregister::v1::Ticket> Remark(std::string_view ticket_id,
                                                  std::string_view secret_code,
                                                  std::string_view text);
  absl::StatusOr<algoregister::v1::Ticket> Close(std::string_view ticket_id,
                                                 std::string_view secret_code);
  absl::StatusOr<algoregister::v1::GetFeedbackFiguresResponse> Figures(
      std::string_view organisation_id);

  // These three want a connection with a certificate.
  absl::StatusOr<algoregister::v1::Ticket> Answer(std::string_view ticket_id,
                                                  std::string_view text);
  absl::StatusOr<algoregister::v1::Ticket> Moderate(
      const algoregister::v1::ModerateTicketRequest& request);
  absl::StatusOr<algoregister::v1::Ticket> Release(
      const algoregister::v1::ReleaseTicketRequest& request);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_FEEDBACK_CLIENT_H_

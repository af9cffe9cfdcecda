// Restricted parts of registrations: read by those they are for, who are
// registered by administrators.

#ifndef LIMPID_CLIENTS_CPP_RESTRICTED_CLIENT_H_
#define LIMPID_CLIENTS_CPP_RESTRICTED_CLIENT_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/algoregister/v1/restricted_read_service.pb.h"

namespace limpid::client {

// Thread-compatible. `connection` carries the client certificate of a reader,
// or of an administrator for all but Get, and must outlive it.
class RestrictedClient {
 public:
  explicit RestrictedClient(Connection& connection) : connection_(connection) {}

  // Version 0 is the newest. Every part opens a digest of the leaf, which is
  // signed and of that registration; that the leaf is in the log is for
  // RegisterClient::GetChecked of the same version.
  //
  // Errors: the server's, and
  //   kDataLoss  something does not verify.
  absl::StatusOr<algoregister::v1::GetRestrictedResponse> Get(
      std::string_view registration_id, std::int64_t version);

  // What follows is thin.
  absl::StatusOr<algoregister::v1::RestrictedReader> CreateReader(
      const algoregister::v1::RestrictedReader& reader);
  absl::Status RemoveReader(std::string_view reader_id);
  absl::StatusOr<algoregister::v1::ListRestrictedReadersResponse> ListReaders();

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_RESTRICTED_CLIENT_H_

// What a person does with the sources that her vault can ask.
// docs/connectors.md

#ifndef LIMPID_CLIENTS_CPP_SOURCE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_SOURCE_CLIENT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "limpid/vault/v1/source_service.pb.h"

namespace limpid::client {

// Thread-compatible. One method per RPC. `connection` carries SourceTokens.
// Errors of all calls: the server's, and
//   kDataLoss  what it answered is about something else than was asked.
class SourceClient {
 public:
  explicit SourceClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<vault::v1::ListSourcesResponse> List();
  absl::StatusOr<vault::v1::LinkSourceResponse> Link(
      const std::string& source, const std::string& proof,
      const std::vector<vault::v1::LinkedAttribute>& attributes);
  absl::StatusOr<vault::v1::UnlinkSourceResponse> Unlink(
      const std::string& source);
  absl::StatusOr<vault::v1::ListHoldingsResponse> Holdings(
      const std::string& source);
  // Safe to repeat after kUnavailable within the call.
  absl::StatusOr<vault::v1::RequestRectificationResponse> RequestRectification(
      const std::string& source, const std::string& attribute,
      const std::string& value_json);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_SOURCE_CLIENT_H_

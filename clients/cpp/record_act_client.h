// What a person does with a consent beside granting, refusing and ending it.

#ifndef LIMPID_CLIENTS_CPP_RECORD_ACT_CLIENT_H_
#define LIMPID_CLIENTS_CPP_RECORD_ACT_CLIENT_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "limpid/consent/v1/record_act_service.pb.h"

namespace limpid::client {

// Thread-compatible. One method per RPC; errors are the server's.
class RecordActClient {
 public:
  // `connection` carries PersonTokens and must outlive the client.
  explicit RecordActClient(Connection& connection) : connection_(connection) {}

  absl::StatusOr<consent::v1::Record> Defer(std::string_view record_id);
  // Keeps the named attributes, or all when none is named; `until` ends the
  // validity earlier.
  absl::StatusOr<consent::v1::Record> Narrow(
      std::string_view record_id, const std::vector<std::string>& keep,
      std::optional<absl::Time> until);
  absl::StatusOr<consent::v1::ObjectToRecordResponse> Object(
      std::string_view record_id, std::string_view grounds);
  absl::StatusOr<consent::v1::Record> AllowAskingAgain(
      std::string_view record_id);

 private:
  Connection& connection_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_RECORD_ACT_CLIENT_H_

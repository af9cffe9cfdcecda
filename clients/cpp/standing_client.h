// A person's standing permissions. Completes and signs the text. Thin: one
// method per RPC; errors are the server's.

#ifndef LIMPID_CLIENTS_CPP_STANDING_CLIENT_H_
#define LIMPID_CLIENTS_CPP_STANDING_CLIENT_H_

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_key.h"
#include "clients/cpp/trust.h"
#include "common/base/clock.h"
#include "common/receipt/standing.h"
#include "limpid/consent/v1/standing_permission.pb.h"

namespace limpid::client {

// Thread-compatible.
class StandingClient {
 public:
  // `connection` carries PersonTokens. All must outlive the client.
  StandingClient(Connection& connection, const PersonKey& key,
                 const Trust& trust, const base::Clock& clock)
      : connection_(connection), key_(key), trust_(trust), clock_(clock) {}

  // Fills operator, time and nonce, and sorts the lists.
  absl::StatusOr<consent::v1::StandingPermission> Create(
      receipt::StandingPermission terms);
  absl::StatusOr<std::vector<consent::v1::StandingPermission>> List();
  absl::StatusOr<consent::v1::StandingPermission> End(
      std::string_view permission_id, bool withdraw_records);

 private:
  Connection& connection_;
  const PersonKey& key_;
  const Trust& trust_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_STANDING_CLIENT_H_

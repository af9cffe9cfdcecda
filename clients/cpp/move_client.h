// Takes a person's consents from one operator to another: her device signs the
// move at the old one and brings the export to the new one.

#ifndef LIMPID_CLIENTS_CPP_MOVE_CLIENT_H_
#define LIMPID_CLIENTS_CPP_MOVE_CLIENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "clients/cpp/person_key.h"
#include "common/base/clock.h"
#include "common/crypto/ed25519.h"
#include "limpid/consent/v1/move_service.pb.h"

namespace limpid::client {

// Where a record goes. The key is the operator's evidence key, received another
// way than from the old operator.
struct NewOperator {
  std::string name;
  crypto::Ed25519PublicKey evidence_key;
};

// Thread-compatible. Errors are the server's, and kDataLoss when it answers
// about another record.
class MoveClient {
 public:
  // `connection` carries PersonTokens; all must outlive the client.
  MoveClient(Connection& connection, const PersonKey& key,
             const base::Clock& clock)
      : connection_(connection), key_(key), clock_(clock) {}

  // Ends the record at `operator_name`, where the connection leads, and returns
  // the export. A record that was moved already gives its export again.
  //
  // Errors: those of the call, and
  //   kFailedPrecondition  it was moved to another operator or key than `to`.
  absl::StatusOr<std::string> MoveOut(std::string_view record_id,
                                      std::string_view operator_name,
                                      const NewOperator& to);
  absl::StatusOr<std::string> GetExport(std::string_view record_id);
  // Activates the export where the connection leads.
  absl::StatusOr<consent::v1::Record> Activate(std::string_view agreement_id,
                                               std::uint32_t version,
                                               std::string_view export_json);

 private:
  Connection& connection_;
  const PersonKey& key_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_MOVE_CLIENT_H_

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
#include "clients/cpp/trust.h"
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

// Thread-compatible. Errors are the server's, and kDataLoss when what it
// answers does not verify.
class MoveClient {
 public:
  // `connection` carries PersonTokens and leads to the operator of `trust`; all
  // must outlive the client.
  MoveClient(Connection& connection, const PersonKey& key, const Trust& trust,
             const base::Clock& clock)
      : connection_(connection), key_(key), trust_(trust), clock_(clock) {}

  // Ends the record where the connection leads, and returns the export: the end
  // of this record by a statement that the person signed, now or, of one that
  // was moved already, then, and that the operator's pinned key signed. Whether
  // the revisions before it are one chain, the new operator checks.
  //
  // Errors: those of the call, and
  //   kFailedPrecondition  it was moved to another operator or key than `to`.
  //   kDataLoss            what was answered is no such export.
  absl::StatusOr<std::string> MoveOut(std::string_view record_id,
                                      const NewOperator& to);
  // Activates the export where the connection leads.
  absl::StatusOr<consent::v1::Record> Activate(std::string_view agreement_id,
                                               std::uint32_t version,
                                               std::string_view export_json);

 private:
  absl::StatusOr<std::string> GetExport(std::string_view record_id);

  Connection& connection_;
  const PersonKey& key_;
  const Trust& trust_;
  const base::Clock& clock_;
};

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_MOVE_CLIENT_H_

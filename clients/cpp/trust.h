// What a client believes about one operator: pinned at first contact or given
// another way, kept in a file, and refused when it silently changes.

#ifndef LIMPID_CLIENTS_CPP_TRUST_H_
#define LIMPID_CLIENTS_CPP_TRUST_H_

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/connection.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/tlog/policy.h"

namespace limpid::client {

// A value.
struct Trust {
  // "host:port" and the CA that vouches for it; empty means the system's CAs.
  std::string server;
  std::string ca_pem;
  // The same for a vault with a server of its own; empty when it is behind
  // `server`, or there is none.
  std::string vault_server;
  std::string vault_ca_pem;
  // Audience of person tokens.
  std::string operator_name;
  // Data source behind `vault_server`, or else behind `server`, "src_…"; empty
  // without one.
  std::string source_id;
  // Signs batches of permits and receipts.
  crypto::Ed25519PublicKey evidence_key;
  // Verifier key of each log by its origin.
  std::map<std::string, std::string, std::less<>> log_vkeys;

  friend bool operator==(const Trust&, const Trust&) = default;

  // The policy for the log whose origin is `operator_name` and `suffix`:
  // "/access", "/register", "/vault".
  //
  // Errors:
  //   kFailedPrecondition  no such log was seen at first contact.
  [[nodiscard]] absl::StatusOr<tlog::Policy> LogPolicy(
      std::string_view suffix) const;

  // Errors:
  //   kNotFound         no such file.
  //   kInvalidArgument  not a trust file.
  static absl::StatusOr<Trust> Read(const std::filesystem::path& file);
  [[nodiscard]] absl::Status Write(const std::filesystem::path& file) const;
};

// Asks a server for everything above but addresses and CAs. What it says is as
// good as the TLS connection it came over.
//
// Errors: those of Connection::Call, and
//   kDataLoss  the answer is malformed.
absl::StatusOr<Trust> AskForTrust(Connection& anonymous);

// Asks a vault with a server of its own for its id and its log, and adds them
// to what consent's server said. Other logs that it names are not pinned: whose
// key they have is not the vault's to say.
//
// Errors: those of AskForTrust, and
//   kFailedPrecondition  there is no vault behind it, or consent's server has
//                        one of its own.
//   kDataLoss            it is another operator's, or gives its log another key
//                        than the other server.
absl::Status AddVault(Connection& anonymous, Trust& trust);

// Checks that the operator, its keys and its logs are still the pinned ones; a
// log may be added.
//
// Errors:
//   kDataLoss  something changed; the message names what.
absl::Status CheckUnchanged(const Trust& pinned, const Trust& seen);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_TRUST_H_

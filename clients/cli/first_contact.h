// What a person's device learns about an operator before it has an account
// there, and pins.

#ifndef LIMPID_CLIENTS_CLI_FIRST_CONTACT_H_
#define LIMPID_CLIENTS_CLI_FIRST_CONTACT_H_

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/session.h"
#include "clients/cpp/trust.h"

namespace limpid::cli {

// A vault with a server of its own; all empty when it is behind the same
// address as consent, or pinned already.
struct VaultPlace {
  // "host:port".
  std::string address;
  // Empty: that of the other server.
  std::string ca_file;
};

// Asks the server, and the vault's, who they are, checks that against what is
// pinned in the home, and pins it. An account that was made without a vault
// gets one when it is named; one that has a vault keeps it, at another address
// if one is given.
//
// Errors: those of Session::Channel, client::AskForTrust, client::AddVault and
// client::CheckUnchanged, and
//   kInvalidArgument  a CA without an address.
absl::StatusOr<client::Trust> PinTrust(const Session& session,
                                       const VaultPlace& vault);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_FIRST_CONTACT_H_

// What a device forgets once everything of its person was erased at the vault.

#ifndef LIMPID_CLIENTS_CLI_ERASED_DEVICE_H_
#define LIMPID_CLIENTS_CLI_ERASED_DEVICE_H_

#include "absl/status/statusor.h"
#include "clients/cli/session.h"
#include "clients/cpp/vault_erasure_client.h"

namespace limpid::cli {

// Removes this device's key, the sealed key it knew, the grants signed on it
// and notes of seals that broke off, when `checked` is of everything and proven
// by the vault's log; before that nothing shows that they open nothing any
// more. Returns whether it did. Removes what is there; once gone it is gone.
//
// Errors:
//   kUnavailable  a file cannot be removed; names it.
absl::StatusOr<bool> ForgetErased(const client::CheckedErasure& checked,
                                  const PersonParts& parts,
                                  const Session& session);

// What ForgetErased did, for the person.
inline constexpr char kForgotten[] =
    "This device forgot its own key, the sealed key it knew and the grants "
    "that were signed on it. On other devices of yours run `limpid person "
    "erasure`; they forget theirs.";

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_ERASED_DEVICE_H_

// How an erasure at the vault is shown.

#ifndef LIMPID_CLIENTS_CLI_ERASURE_VIEW_H_
#define LIMPID_CLIENTS_CLI_ERASURE_VIEW_H_

#include <string>

#include "clients/cli/terminal.h"

namespace limpid::cli {

// What the erasure of `what` means, and where it ends by its certificate, which
// is not verified for this.
void ShowErased(const std::string& what, const std::string& certificate,
                Terminal& terminal);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_ERASURE_VIEW_H_

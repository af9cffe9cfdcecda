// limpid admin reconcile.

#ifndef LIMPID_CLIENTS_CLI_RECONCILE_COMMAND_H_
#define LIMPID_CLIENTS_CLI_RECONCILE_COMMAND_H_

#include "CLI/CLI.hpp"
#include "clients/cli/session.h"

namespace limpid::cli {

// `admin` and `session` must outlive the parsing.
void AddReconcileCommand(CLI::App& admin, Session& session);

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_RECONCILE_COMMAND_H_

// Asking before something that cannot be undone.

#ifndef LIMPID_CLIENTS_CLI_CONFIRM_H_
#define LIMPID_CLIENTS_CLI_CONFIRM_H_

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "clients/cli/terminal.h"

namespace limpid::cli {

// OK when `yes` was given, or somebody at the terminal read `warning` and typed
// yes. `show` runs before it is asked.
//
// Errors:
//   kInvalidArgument  nobody can be asked.
//   kCancelled        another answer.
absl::Status Confirm(
    std::string_view warning, bool yes, Terminal& terminal,
    const std::function<void()>& show = [] {});

}  // namespace limpid::cli

#endif  // LIMPID_CLIENTS_CLI_CONFIRM_H_

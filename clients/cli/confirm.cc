#include "clients/cli/confirm.h"

#include <unistd.h>

#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "clients/cli/failure.h"
#include "common/base/text.h"

namespace limpid::cli {

absl::Status Confirm(std::string_view warning, bool yes, Terminal& terminal,
                     const std::function<void()>& show) {
  if (yes) return absl::OkStatus();
  if (isatty(STDIN_FILENO) == 0) {
    return WrongUsage(absl::InvalidArgumentError(
        "erasing needs your yes: add --yes where nobody can be asked"));
  }
  show();
  terminal.Line(absl::StrCat(base::ToAbsl(warning), " Type yes to erase it:"));
  std::string answer;
  std::getline(std::cin, answer);
  if (answer != "yes") {
    return WrongUsage(absl::CancelledError("nothing was erased"));
  }
  return absl::OkStatus();
}

}  // namespace limpid::cli

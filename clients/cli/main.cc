// limpid: the command line.

#include <cstddef>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/command_line.h"
#include "common/base/secret.h"
#include "common/rpc/lock_order.h"
#include "common/rpc/quiet.h"
#include "common/rpc/tls13.h"

namespace limpid::cli {
namespace {

std::vector<std::string> WordsOf(int argc, char** argv) {
  const std::span<char*> all(argv, static_cast<std::size_t>(argc));
  if (all.empty()) return {};
  return {all.begin() + 1, all.end()};
}

// Output that did not arrive is a failure, whatever the command did.
int ExitWith(ExitCode code) {
  if (std::cout.flush() || code != ExitCode::kOk) return static_cast<int>(code);
  std::cerr << "limpid: standard output could not be written\nnext: see that "
               "the disk has room and that whoever reads is still there\n";
  return static_cast<int>(ExitCode::kStateBroken);
}

int Main(int argc, char** argv) {
  rpc::RequireTls13();
  rpc::SkipLockOrderChecks();
  rpc::SilenceLibraries();
  std::vector<std::string> words = WordsOf(argc, argv);
  const base::SystemClock clock;
  Session session(Terminal::Standard(), clock);
  if (const absl::Status status = base::ProtectProcessMemory(); !status.ok()) {
    session.options().json = AsksForJson(words);
    session.Run([&]() -> absl::StatusOr<Report> {
      return WithNext(StateBroken(status), "");
    });
    return ExitWith(session.exit_code());
  }
  return ExitWith(RunCommandLine(std::move(words), session));
}

}  // namespace
}  // namespace limpid::cli

int main(int argc, char** argv) {
  try {
    return limpid::cli::Main(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "limpid: " << error.what() << '\n';
    return 1;
  }
}

#include "tests/bench/bench_main.h"

#include <cstdio>
#include <exception>
#include <string>

#include "common/base/secret.h"

namespace limpid::bench {
namespace {

int Fail(const absl::Status& status, int exit_status) {
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return exit_status;
}

int Run(int argc, char** argv,
        absl::FunctionRef<absl::Status(Arguments&)> run) {
  const absl::Status protected_memory = base::ProtectProcessMemory();
  if (!protected_memory.ok()) return Fail(protected_memory, 1);
  Arguments arguments;
  const absl::Status parsed = ParseArguments(argc, argv, arguments);
  if (!parsed.ok()) return Fail(parsed, 2);
  const absl::Status done = run(arguments);
  return done.ok() ? 0 : Fail(done, 1);
}

}  // namespace

absl::Status SomeCallsFailed() {
  return absl::UnavailableError("some calls failed: not a measurement");
}

int Main(int argc, char** argv,
         absl::FunctionRef<absl::Status(Arguments&)> run) noexcept {
  try {
    return Run(argc, argv, run);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "fault: %s\n", fault.what());
    return 1;
  }
}

}  // namespace limpid::bench

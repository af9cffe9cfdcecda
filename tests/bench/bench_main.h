// The main function of every benchmark.

#ifndef LIMPID_TESTS_BENCH_BENCH_MAIN_H_
#define LIMPID_TESTS_BENCH_BENCH_MAIN_H_

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "tests/bench/report.h"

namespace limpid::bench {

// What a benchmark ends with whose calls did not all succeed: it has measured
// something else.
absl::Status SomeCallsFailed();

// Reads the command line and runs the benchmark in a process that is protected
// as the server's is. The exit status: 0, 1 when it failed, 2 for a command
// line that is none; both with a line on standard error.
int Main(int argc, char** argv,
         absl::FunctionRef<absl::Status(Arguments&)> run) noexcept;

}  // namespace limpid::bench

#endif  // LIMPID_TESTS_BENCH_BENCH_MAIN_H_

// What every benchmark shares: probes of the machine it ran on, percentiles,
// the table for people and the JSON file for machines. Figures are named by
// their unit: *_per_s, *_us, ratio_*; counts stand bare.

#ifndef LIMPID_TESTS_BENCH_REPORT_H_
#define LIMPID_TESTS_BENCH_REPORT_H_

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace limpid::bench {

struct Figure {
  std::string name;
  double value = 0;
};

// One row: "append/64" with its figures, in the order they are printed.
struct Case {
  std::string name;
  std::vector<Figure> figures;
};

struct Report {
  // As in ./dev bench NAME.
  std::string bench;
  std::vector<Figure> probes;
  std::vector<Case> cases;
};

// The command line of every benchmark.
struct Arguments {
  // --json FILE; empty when absent.
  std::filesystem::path json;
  // --dir DIR: where to write; by default the system's temporary directory. A
  // directory in memory makes every fsync figure meaningless.
  std::filesystem::path directory;
  // --records N,N,...: sizes, for a benchmark that grows; empty when absent.
  std::vector<std::size_t> records;
  // --in-flight N,N,...: calls at once, for a benchmark that offers them; empty
  // when absent.
  std::vector<std::size_t> in_flight;
  // --only TEXT: the cases whose names begin so, for a benchmark that has
  // several; empty when absent, which means all.
  std::string only;
};
// Errors:
//   kInvalidArgument  an unknown or incomplete argument.
absl::Status ParseArguments(int argc, char** argv, Arguments& arguments);

// Processor model, count and kernel, one line.
std::string Machine();
// Mean time to write 4 KiB at the end of a file in `directory` and fsync it.
Figure ProbeFsync(const std::filesystem::path& directory);
// SHA-256 of 65-byte inputs (a tree node) per second on one core.
Figure ProbeSha256();

// The value below which `percent` of `values` lie, in microseconds; 0 without
// values. Sorts them.
double PercentileUs(std::vector<absl::Duration>& values, double percent);
// count / elapsed.
double PerSecond(double count, absl::Duration elapsed);

// Runs `work` and takes its time, by a clock that never goes back.
template <typename Work>
absl::Duration Measure(Work&& work);

// Prints the table to standard output and writes the JSON file when one was
// asked for:
// {"bench","machine","probes":{...},"cases":[{"name",...figures}]}.
absl::Status Finish(const Report& report, const Arguments& arguments);

// Implementation.
absl::Duration Elapsed();

template <typename Work>
absl::Duration Measure(Work&& work) {
  const absl::Duration start = Elapsed();
  work();
  return Elapsed() - start;
}

}  // namespace limpid::bench

#endif  // LIMPID_TESTS_BENCH_REPORT_H_

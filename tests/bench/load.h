// A closed loop: a fixed number of calls in flight, each replaced when it
// answers. Throughput and latencies of one warm run; two loops in one process
// are compared by their ratio, because absolute times drift.

#ifndef LIMPID_TESTS_BENCH_LOAD_H_
#define LIMPID_TESTS_BENCH_LOAD_H_

#include <cstdint>
#include <functional>

#include "absl/time/time.h"

namespace limpid::bench {

struct LoadResult {
  double per_second = 0;
  // Microseconds.
  double p50_us = 0;
  double p99_us = 0;
  // Processor time of the whole process per call, client and server, of all
  // cores: what a shared machine takes away does not change it much.
  double cpu_us = 0;
  std::uint64_t calls = 0;
  // Calls that answered with an error: a run with any is not a measurement.
  std::uint64_t failures = 0;
};

// Starts one call for slot `slot` of [0, in_flight) and calls `done` with
// whether it succeeded, exactly once, on any thread.
using StartCall =
    std::function<void(int slot, std::function<void(bool ok)> done)>;

// Keeps `in_flight` calls going for `warm_up`, which is not counted, and then
// for `duration`. Returns when the last call has answered.
LoadResult RunLoad(int in_flight, absl::Duration warm_up,
                   absl::Duration duration, const StartCall& start);

}  // namespace limpid::bench

#endif  // LIMPID_TESTS_BENCH_LOAD_H_

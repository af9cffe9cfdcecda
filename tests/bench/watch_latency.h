// How long after a withdrawal the service hears of it on `Watch`: a whole
// server in this process, every call and stream over TLS on loopback, while
// other persons live through whole records (request, bind, grant, withdraw) all
// the time. Client and server share the cores.

#ifndef LIMPID_TESTS_BENCH_WATCH_LATENCY_H_
#define LIMPID_TESTS_BENCH_WATCH_LATENCY_H_

#include <filesystem>
#include <memory>

#include "tests/bench/report.h"

namespace limpid::bench {

class WatchLatency {
 public:
  // Starts a server in `directory`, which must be absent or empty. Aborts when
  // that fails.
  explicit WatchLatency(const std::filesystem::path& directory);
  ~WatchLatency();
  WatchLatency(const WatchLatency&) = delete;
  WatchLatency& operator=(const WatchLatency&) = delete;

  // Latencies with `persons` withdrawing at once, and a bare echo with as many
  // calls in flight. Aborts when a call fails or an event does not arrive:
  // either is no measurement.
  Case Run(int persons);

  // Calls per second of the echo in the last Run.
  [[nodiscard]] double echo_rps() const;

 private:
  class Impl;
  const std::unique_ptr<Impl> impl_;
};

}  // namespace limpid::bench

#endif  // LIMPID_TESTS_BENCH_WATCH_LATENCY_H_

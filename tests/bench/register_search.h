// Search of the register without a wire: an index over made-up registrations
// with the texts of the real national list, against a scan of the same texts.

#ifndef LIMPID_TESTS_BENCH_REGISTER_SEARCH_H_
#define LIMPID_TESTS_BENCH_REGISTER_SEARCH_H_

#include <cstddef>
#include <string>

#include "tests/bench/report.h"

namespace limpid::bench {

// Adds "index/N", "search-.../N", "similar/N" and "diff/N". `list` is a file in
// the national list's form.
void AddSearchCases(const std::string& list, std::size_t registrations,
                    Report& report);

// The most memory that this process has held since ResetPeakMemory, and holds
// now, in KiB.
double PeakMemoryKib();
double MemoryKib();
void ResetPeakMemory();

}  // namespace limpid::bench

#endif  // LIMPID_TESTS_BENCH_REGISTER_SEARCH_H_

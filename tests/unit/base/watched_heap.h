// A heap that looks at what is given back to it: linked into a test, it takes
// the place of the standard one.

#ifndef LIMPID_TESTS_UNIT_BASE_WATCHED_HEAP_H_
#define LIMPID_TESTS_UNIT_BASE_WATCHED_HEAP_H_

#include <string_view>

namespace limpid::testing {

// Looks for `secret`, which outlives it, in what this thread gives back from
// now on with its size, as containers do.
void WatchHeap(std::string_view secret);
// Ends it; how often it was found.
int UnwatchHeap();

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_UNIT_BASE_WATCHED_HEAP_H_

// Work on many items that are alike, shared out over the processors: a fork and
// a join within one call. Refuses to keep threads, to queue, and to know what
// the work is.

#ifndef LIMPID_COMMON_BASE_IN_PARTS_H_
#define LIMPID_COMMON_BASE_IN_PARTS_H_

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace limpid::base {

// Threads that one call works with, its own among them. Several calls may run
// at once, and others want the processors too.
inline constexpr std::size_t kMostParts = 4;

// Calls `work(first, end)` for parts that lie side by side and together are
// [0, count), each with `least` items or more unless there are fewer; returns
// when all have ended. There are as many parts as processors, at most
// kMostParts, and each runs in a thread of its own, one of them in the
// caller's. Parts for which no thread can be had run in the caller's too. Not
// called when `count` is 0. `least` is at least 1: what a thread costs, some 50
// us, should be little beside the work on that many.
//
// `work` must not throw, and may touch what others may touch at the same time.
void InParts(std::size_t count, std::size_t least,
             absl::FunctionRef<void(std::size_t first, std::size_t end)> work);

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_IN_PARTS_H_

#include "common/base/in_parts.h"

#include <algorithm>
#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

#include "common/base/check.h"

namespace limpid::base {
namespace {

std::size_t PartsOf(std::size_t count, std::size_t least) {
  const std::size_t processors =
      std::max<std::size_t>(1, std::thread::hardware_concurrency());
  return std::clamp<std::size_t>(count / least, 1,
                                 std::min(processors, kMostParts));
}

}  // namespace

void InParts(std::size_t count, std::size_t least,
             absl::FunctionRef<void(std::size_t first, std::size_t end)> work) {
  LIMPID_CHECK(least > 0);
  if (count == 0) return;
  const std::size_t parts = PartsOf(count, least);
  const auto start_of = [count, parts](std::size_t part) {
    return count * part / parts;
  };
  std::vector<std::thread> threads;
  threads.reserve(parts - 1);
  std::size_t begun = 0;
  try {
    for (; begun + 1 < parts; ++begun) {
      threads.emplace_back(work, start_of(begun), start_of(begun + 1));
    }
  } catch (const std::system_error&) {
    // The machine has no thread left; what is not begun is the caller's.
  }
  work(start_of(begun), count);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace limpid::base

#include "tests/unit/base/watched_heap.h"

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <string_view>
#include <utility>

namespace limpid::testing {
namespace {

// Empty: nothing is looked at.
thread_local std::string_view wanted;
thread_local int found = 0;

void Look(const void* memory, std::size_t size) {
  if (memory == nullptr || wanted.empty()) return;
  const std::string_view all(static_cast<const char*>(memory), size);
  if (all.find(wanted) != std::string_view::npos) ++found;
}

}  // namespace

void WatchHeap(std::string_view secret) { wanted = secret; }

int UnwatchHeap() {
  wanted = {};
  return std::exchange(found, 0);
}

}  // namespace limpid::testing

// NOLINTBEGIN(cppcoreguidelines-no-malloc): there is nothing else below new
// Zeroed: what an earlier owner of the memory left in it is not this one's.
void* operator new(std::size_t size) {
  void* const memory = std::calloc(1, size);
  if (memory == nullptr) std::abort();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return std::calloc(1, size);
}
// Without the size, as Clang calls it, the heap knows how much there is.
void operator delete(void* memory) noexcept {
  limpid::testing::Look(memory, ::malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, std::size_t size) noexcept {
  limpid::testing::Look(memory, size);
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)

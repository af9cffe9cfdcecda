#include "common/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace limpid::base {

void CheckFailed(const char* condition, const char* file, int line) {
  (void)std::fprintf(stderr, "limpid: broken invariant: %s (%s:%d)\n",
                     condition, file, line);
  std::abort();
}

}  // namespace limpid::base

// A status that can go to another thread. Refuses to share: the distribution's
// Abseil counts the references to a status without telling ThreadSanitizer.

#ifndef LIMPID_COMMON_BASE_DETACHED_H_
#define LIMPID_COMMON_BASE_DETACHED_H_

#include <string>

#include "absl/status/status.h"
#include "common/base/text.h"

namespace limpid::base {

// A copy that shares nothing with `status`.
inline absl::Status Detached(const absl::Status& status) {
  return {status.code(), ToAbsl(std::string(ToStd(status.message())))};
}

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_DETACHED_H_

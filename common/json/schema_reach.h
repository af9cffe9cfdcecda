// How much work a schema can make of one value, found before it is used: which
// schemas of a document are tried on the same part of a value, and on the parts
// below it. Private to the schema check; follows references, so that circles
// and what grows without measure are refused instead of run.

#ifndef LIMPID_COMMON_JSON_SCHEMA_REACH_H_
#define LIMPID_COMMON_JSON_SCHEMA_REACH_H_

#include <cstddef>

#include "absl/status/status.h"
#include "common/json/value.h"

namespace limpid::json::internal {

// Most schemas that are tried along one way from the root of a value to a part
// of it. A form of two hundred fields has a few hundred; one schema more per
// level doubles with every level of the value.
inline constexpr std::size_t kMaxTried = 4'096;

// `root` has passed the check of its keywords, and each of its references has a
// target.
//
// Errors:
//   kInvalidArgument  a reference leads back to a schema that is tried on the
//                     same part, or more than kMaxTried schemas are tried.
absl::Status CheckReach(const Value& root);

}  // namespace limpid::json::internal

#endif  // LIMPID_COMMON_JSON_SCHEMA_REACH_H_

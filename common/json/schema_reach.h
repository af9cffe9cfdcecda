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

// Most schemas that are looked at before a value is, each as often as it is: a
// schema that holds itself once for each level that a value can have. A
// document of 1 MiB has 40,000; a second, at worst.
inline constexpr std::size_t kMaxSteps = 1'000'000;

// What is done with the schemas.
enum class Purpose {
  // A value is checked up to its first fault.
  kFit,
  // All faults are collected. An element that does not fit the schema of its
  // index is then tried on additionalItems as well.
  kExplain,
};

// `root` has passed the check of its keywords, and each of its references has a
// target. Of what never falls to the same part, the larger counts: then and
// else, additionalProperties and names, additionalItems and indexes.
//
// Errors:
//   kInvalidArgument  a reference leads back to a schema that is tried on the
//                     same part, more than kMaxTried schemas are tried, or
//                     more than `max_steps` would have to be looked at.
absl::Status CheckReach(const Value& root, Purpose purpose = Purpose::kFit,
                        std::size_t max_steps = kMaxSteps);

}  // namespace limpid::json::internal

#endif  // LIMPID_COMMON_JSON_SCHEMA_REACH_H_

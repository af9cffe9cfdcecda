// The canonical form of what is to be wiped: one text, and no beginnings of it
// where it grew.

#ifndef LIMPID_COMMON_JSON_ONE_COPY_H_
#define LIMPID_COMMON_JSON_ONE_COPY_H_

#include <cstddef>
#include <string>

#include "common/json/value.h"

namespace limpid::json {

// As Canonical. A text of at most `most_bytes` leaves nothing of itself
// elsewhere in memory; the caller wipes it.
std::string CanonicalInOnePlace(const Value& value, std::size_t most_bytes);

}  // namespace limpid::json

#endif  // LIMPID_COMMON_JSON_ONE_COPY_H_

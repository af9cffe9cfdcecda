// How one JSON value becomes another, for machines: RFC 6902.

#ifndef LIMPID_COMMON_JSON_PATCH_H_
#define LIMPID_COMMON_JSON_PATCH_H_

#include "common/json/value.h"

namespace limpid::json {

// A patch that turns `from` into `to`: add, remove and replace, in the order of
// the keys. Members of objects are compared one by one, arrays and everything
// else as a whole. Equal values give [].
Value MakePatch(const Value& from, const Value& to);

}  // namespace limpid::json

#endif  // LIMPID_COMMON_JSON_PATCH_H_

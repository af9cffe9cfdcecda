// How one content becomes another, for machines (RFC 6902) and for people.

#ifndef LIMPID_ALGOREGISTER_VERSION_DIFF_H_
#define LIMPID_ALGOREGISTER_VERSION_DIFF_H_

#include <string>
#include <vector>

#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// An RFC 6902 patch that turns `from` into `to`: add, remove and replace, in
// the order of the keys. Members of objects are compared one by one, arrays
// and everything else as a whole. Equal values give [].
json::Value MakePatch(const json::Value& from, const json::Value& to);

// One field that differs, in words.
struct FieldChange {
  // RFC 6901, "/fields/status".
  std::string pointer;
  // "Status".
  std::string label;
  // Empty where the field is absent.
  std::string before;
  std::string after;
};

// In pointer order. Both are contents of one kind.
std::vector<FieldChange> DescribeChanges(RegistrationKind kind,
                                         const json::Value& from,
                                         const json::Value& to);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_VERSION_DIFF_H_

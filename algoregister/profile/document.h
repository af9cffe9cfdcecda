// Places in a JSON document of another standard: RFC 6901 pointers with one
// more kind of step, which picks an object out of a list by what it says of
// itself: "/@graph/[type=ai_AIPackage]/name". Pure.
// docs/formats/document-places.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_DOCUMENT_H_
#define LIMPID_ALGOREGISTER_PROFILE_DOCUMENT_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Deepest place: twice what any profile has.
inline constexpr std::size_t kMaxPlaceSteps = 16;

struct PlaceStep {
  // Member of an object, or index of a list; of a selector the member that it
  // asks for.
  std::string key;
  // Of a selector: what that member says.
  std::string value;
  bool is_selector = false;
};

// Errors:
//   kInvalidArgument  not a place of the grammar, or of more than
//                     kMaxPlaceSteps steps.
absl::StatusOr<std::vector<PlaceStep>> ParsePlace(std::string_view place);

// What stands there, or nullptr; nullptr too for a malformed place. Valid until
// the document changes.
const json::Value* FindPlace(const json::Value& document,
                             std::string_view place);

// Puts `value` there. Objects, lists and selected elements on the way are made
// where they are missing; an element of a list can be replaced or, one past its
// end, added.
//
// Errors:
//   kInvalidArgument  malformed place, or something else stands in the way; the
//                     document is unchanged.
absl::Status SetPlace(json::Value& document, std::string_view place,
                      json::Value value);

// One place that a table takes, and what stands beside it for its sake.
struct TakenPlace {
  std::string_view place;
  // Members of the parent that are taken with it where they are equal; nullptr
  // for none. Must outlive the call.
  const json::Value* companion = nullptr;
};

// The document without what stands at `taken`, and without the containers that
// hold nothing else: empty objects and lists on the way to a place, selected
// elements that say only what selects them and stand last in their list.
// SetPlace of everything taken, in the order of `taken`, makes the document
// again but for those.
json::Value RestOf(const json::Value& document,
                   std::span<const TakenPlace> taken);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_DOCUMENT_H_

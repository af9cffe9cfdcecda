// What a document says beyond its profile, and the constants of a profile. For
// row.cc and the writers of export.h.

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_REST_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_REST_H_

#include <string>
#include <string_view>
#include <vector>

#include "algoregister/profile/profile.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// The JSON that a kConstant's code spells when it is an object, a list, a
// number, a truth value or null; else its text. In flat files always its text.
json::Value ConstantOf(std::string_view code, bool flat);

// The members of a companion; an empty object for none.
json::Value CompanionOf(const Column& column);

// The document without what its profile's columns take.
json::Value DocumentRest(const Profile& profile, const json::Value& document);

// Pointers of what `rest` still has, each as high as nothing below was taken.
std::vector<std::string> UntakenPlaces(const json::Value& document,
                                       const json::Value& rest);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_REST_H_

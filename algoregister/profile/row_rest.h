// What a document says beyond its profile, and the constants of a profile. For
// row.cc and the writers of export.h.

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_REST_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_REST_H_

#include <cstddef>
#include <optional>
#include <span>
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
// Of one member of a record.
json::Value CompanionOf(const MemberColumn& member);

// The column that keeps the rest of a document, or nullptr.
const Column* RestColumn(const Profile& profile);

// Whether a document that says `said` where a constant belongs says nothing
// that the constant does not: an object with some of its members.
bool SaysLess(const json::Value& said, const json::Value& constant);

// The texts of a list of objects that have only `member`; nothing if it is
// another list.
std::optional<json::Value> WithoutWrapping(const json::Value& list,
                                           std::string_view member);
json::Value WithWrapping(const json::Value& texts, std::string_view member);

// The document without what its profile's columns take. Columns of `unread`
// take nothing.
json::Value DocumentRest(const Profile& profile, const json::Value& document,
                         std::span<const Column* const> unread);

// The record of a kRecords column without its companion and what the members
// take that are not in `unread`.
json::Value RecordRest(const Column& column, const json::Value& record,
                       std::span<const MemberColumn* const> unread);

// A text of a rest may be this long whatever its document's size.
inline constexpr std::size_t kShortText = 1'000;
// Takes the longest texts over kShortText out of a rest, images most often,
// until its canonical form has at most `most_bytes`, and returns their
// pointers; as it was, if that is not enough.
std::vector<std::string> ShortenRest(json::Value& rest, std::size_t most_bytes);

// Pointers of what `rest` still has, each as high as nothing below was taken.
std::vector<std::string> UntakenPlaces(const json::Value& document,
                                       const json::Value& rest);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_REST_H_

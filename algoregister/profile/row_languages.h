// Rows that say which language they are in: what several of them say of one
// registration, and in which one a registration is written. Pure.
// docs/formats/profiles.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_ROW_LANGUAGES_H_
#define LIMPID_ALGOREGISTER_PROFILE_ROW_LANGUAGES_H_

#include <optional>
#include <string_view>
#include <vector>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Adds to `reading` what a row of the same registration in another language
// says: its texts, and other fields where `reading` says nothing. Returns a
// remark for each other field of which the two say different things; what
// `reading` says stays.
std::vector<Finding> AddTranslation(const Profile& profile, RowReading& reading,
                                    const RowReading& other);

// The language that the row of a content is written in: the profile's, or,
// where rows say theirs and the title has no text in it, the first of the
// title's that the profile has a word for. A view into the profile.
std::string_view LanguageOfRow(const Profile& profile,
                               const json::Value& content);

// What a kLanguage column says of a row in `language`; nothing where an
// optional one need not say that it is the profile's.
std::optional<json::Value> LanguageWord(const Profile& profile,
                                        const Column& column,
                                        std::string_view language);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_ROW_LANGUAGES_H_

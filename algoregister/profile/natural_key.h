// Natural keys: what a row without an id of its own goes by. The alias is a
// digest of texts that stand in the registration, so that whoever guesses them
// can tell whether he is right: erasing has to know which. Pure.
// docs/formats/profiles.md

#ifndef LIMPID_ALGOREGISTER_PROFILE_NATURAL_KEY_H_
#define LIMPID_ALGOREGISTER_PROFILE_NATURAL_KEY_H_

#include <string>
#include <string_view>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// The natural key of a row that was read as `reading`; empty where the profile
// has none, or nothing that names the row could be read.
std::string NaturalIdOf(const Profile& profile, const json::Value& row,
                        const RowReading& reading);

// Whether an alias of `scheme` is a natural key that a text of `field` of a
// registration of `kind` may be in: its naming field, and the columns that the
// profile's natural_key names, or its organisations. Of a scheme ":natural" of
// no profile that is here: its naming field and every organisation.
bool IsNaturalKeyOf(std::string_view scheme, RegistrationKind kind,
                    std::string_view field);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_NATURAL_KEY_H_

// What a row of an import makes of the fields of an earlier version.

#ifndef LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_
#define LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_

#include <vector>

#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// `before` are the fields of the earlier version, or of new content. What its
// publisher said of a field beyond the list stays: an empty cell does not unsay
// it, and a restricted part needs its public field. So do texts in languages
// that the row does not speak, as long as it does not contradict or take back
// the text that they are translations of: one in its own language, or, of a row
// in another language than the profile's, one in the profile's. Of languages
// that the row says nothing in though it could, only what a machine translated
// stays.
//
// `is_own`: the registration was not made from such a row. Then what it leaves
// open is not made missing.
//
// Adds to `findings` a remark for each given field, and each language of one,
// that is not there any more.
json::Value FieldsAfter(const Profile& profile, const json::Value& before,
                        const RowReading& reading, bool is_own,
                        std::vector<Finding>& findings);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_

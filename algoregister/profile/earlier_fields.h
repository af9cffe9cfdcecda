// What a row of an import makes of the fields of an earlier version.

#ifndef LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_
#define LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_

#include "algoregister/profile/row.h"
#include "algoregister/registration/ids.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// `before` are the fields of the earlier version, or of new content. What its
// publisher said of a field beyond the list stays: an empty cell does not unsay
// it, and a restricted part needs its public field. So do translations, as long
// as the row says the texts that they are of; but of languages that the row
// says nothing in though it could, only what a machine translated.
//
// `is_own`: the registration was not made from such a row. Then what it leaves
// open is not made missing.
json::Value FieldsAfter(RegistrationKind kind, const json::Value& before,
                        const RowReading& reading, bool is_own);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_

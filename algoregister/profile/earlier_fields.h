// What of an earlier version's fields a row of an import leaves as it is.

#ifndef LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_
#define LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_

#include "common/json/value.h"

namespace limpid::algoregister {

// The texts of an earlier version where the row says no other of its own: they
// may have translations. `before` is null where there was none.
json::Value WithTranslations(const json::Value& field,
                             const json::Value* before);

// What its publisher said of a field beyond the list: an empty cell does not
// unsay it, and a restricted part needs its public field.
bool Stands(const json::Value* before, const json::Value& now);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_EARLIER_FIELDS_H_

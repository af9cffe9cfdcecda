// What a document has to say of itself and no field of ours says: when it was
// made and by whom. Export makes it up of the version, import passes over it in
// a document that an export of this register made. Pure.

#ifndef LIMPID_ALGOREGISTER_PROFILE_MADE_H_
#define LIMPID_ALGOREGISTER_PROFILE_MADE_H_

#include <string>

#include "algoregister/profile/export.h"
#include "algoregister/profile/profile.h"
#include "common/json/value.h"

namespace limpid::algoregister {

// Whether anything stands at a kMade place of the profile: then the document
// came from elsewhere, and keeps what it says.
bool SaysAnythingMade(const Profile& profile, const json::Value& document);

// Whether at each kMade place stands what an export may have written, "{time}"
// and "{publisher}" being any text. False for a profile without such places.
bool IsMadeByExport(const Profile& profile, const json::Value& document);

// The publisher of such a document, as it says: text of any kind, empty if it
// says none.
std::string MadeBy(const Profile& profile, const json::Value& document);

// What an export of `item` writes at the kMade column's place.
json::Value MadeFor(const Column& column, const ExportItem& item);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_MADE_H_

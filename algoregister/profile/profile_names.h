// What registrations ask of profiles: the names that imports go by.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILE_NAMES_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILE_NAMES_H_

#include "algoregister/registration/import_names.h"

namespace limpid::algoregister {

// Those of the profiles of this build. Lives as long as the process.
const ImportNames& ProfileNames();

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILE_NAMES_H_

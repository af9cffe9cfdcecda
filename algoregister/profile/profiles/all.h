// Every profile of this folder. For profile.cc alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILES_ALL_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILES_ALL_H_

#include "algoregister/profile/profile.h"

namespace limpid::algoregister::profiles {

const Profile& NlList();

}  // namespace limpid::algoregister::profiles

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILES_ALL_H_

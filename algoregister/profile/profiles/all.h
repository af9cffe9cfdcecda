// Every profile of this folder. For profile.cc alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PROFILES_ALL_H_
#define LIMPID_ALGOREGISTER_PROFILE_PROFILES_ALL_H_

#include "algoregister/profile/profile.h"

namespace limpid::algoregister::profiles {

const Profile& AnnexVIIIA();
const Profile& AnnexVIIIB();
const Profile& AnnexVIIIC();
const Profile& Ars01a14();
const Profile& Ats031();
const Profile& Ats031Nl();
const Profile& CaRegister();
const Profile& ClCplt();
const Profile& Croissant();
const Profile& CycloneDx();
const Profile& CycloneDxData();
const Profile& MldcatAp();
const Profile& MldcatApDataset();
const Profile& ModelCard();
const Profile& NgsiLd();
const Profile& Nl01();
const Profile& Nl10();
const Profile& NlList();
const Profile& NycLl35();
const Profile& NycLl352024();
const Profile& Omb2024();
const Profile& Omb2025();
const Profile& Spdx();
const Profile& SpdxDataset();
const Profile& Uk11();
const Profile& UkList();

}  // namespace limpid::algoregister::profiles

#endif  // LIMPID_ALGOREGISTER_PROFILE_PROFILES_ALL_H_

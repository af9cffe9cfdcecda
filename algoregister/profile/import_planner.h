// Plans one file: what each row would change, with the drafts to sign. For
// import_desk.cc alone.

#ifndef LIMPID_ALGOREGISTER_PROFILE_IMPORT_PLANNER_H_
#define LIMPID_ALGOREGISTER_PROFILE_IMPORT_PLANNER_H_

#include "absl/status/statusor.h"
#include "algoregister/profile/import_desk.h"
#include "algoregister/profile/presence.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/register.h"

namespace limpid::algoregister {

// `presence` has what earlier parts of the file stand for, and gets what this
// one does.
//
// Errors: those of ImportDesk::Plan that the file brings about, and the
// store's.
absl::StatusOr<ImportPlan> PlanImport(const Profile& profile,
                                      const Register::Parts& parts,
                                      const Publisher& publisher,
                                      const ImportRequest& request,
                                      Presence& presence);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_IMPORT_PLANNER_H_

// Which registrations the rows of a file stand for. What a complete file has no
// row for has vanished from its register.

#ifndef LIMPID_ALGOREGISTER_PROFILE_PRESENCE_H_
#define LIMPID_ALGOREGISTER_PROFILE_PRESENCE_H_

#include <cstddef>
#include <cstdint>
#include <set>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/registration_store.h"

namespace limpid::algoregister {

struct Presence {
  // Known by an alias of the profile when their row was planned.
  std::set<RegistrationId> known;
  // New ones, which are known once their row is published.
  std::set<RegistrationId> drafted;
  // Of the first row that might stand for any registration; 0 for none.
  std::size_t unreadable_line = 0;

  [[nodiscard]] bool Has(const RegistrationId& registration) const {
    return known.contains(registration) || drafted.contains(registration);
  }
};

// Calls `absent` for each registration with an alias of the profile that no row
// stands for, and says whether the alias is the register's own id; returns how
// many there were.
//
// Errors: the store's and those of `absent`.
absl::StatusOr<std::uint64_t> ForEachAbsent(
    const Profile& profile, const RegistrationStore& store,
    const Presence& presence,
    absl::FunctionRef<absl::Status(const OwnedAlias& alias, bool is_foreign_id)>
        absent);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_PROFILE_PRESENCE_H_

#include "algoregister/profile/presence.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/profile/profile.h"
#include "algoregister/profile/row.h"
#include "algoregister/registration/registration_store.h"
#include "common/base/status_macros.h"

namespace limpid::algoregister {
namespace {

constexpr std::size_t kAliasPage = 500;

}  // namespace

absl::StatusOr<std::uint64_t> ForEachAbsent(
    const Profile& profile, const RegistrationStore& store,
    const Presence& presence,
    absl::FunctionRef<absl::Status(const OwnedAlias& alias, bool is_foreign_id)>
        absent) {
  std::uint64_t count = 0;
  const std::string own(profile.name);
  for (const std::string& scheme : {own, NaturalScheme(profile)}) {
    std::string after;
    while (true) {
      LIMPID_ASSIGN_OR_RETURN(const std::vector<OwnedAlias> page,
                              store.ListAliases(scheme, after, kAliasPage));
      for (const OwnedAlias& alias : page) {
        if (presence.Has(alias.registration)) continue;
        ++count;
        LIMPID_RETURN_IF_ERROR(absent(alias, scheme == own));
      }
      if (page.size() < kAliasPage) break;
      after = page.back().id;
    }
  }
  return count;
}

}  // namespace limpid::algoregister

#include "algoregister/profile/profile.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "algoregister/profile/profiles/all.h"

namespace limpid::algoregister {

std::span<const Profile* const> Profiles() {
  static const auto all = std::to_array<const Profile*>({
      &profiles::NlList(),
  });
  return all;
}

const Profile* FindProfile(std::string_view name) {
  const std::span<const Profile* const> all = Profiles();
  const auto found = std::find_if(
      all.begin(), all.end(),
      [name](const Profile* profile) { return profile->name == name; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace limpid::algoregister

#include "algoregister/profile/profile.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "algoregister/profile/profiles/all.h"

namespace limpid::algoregister {

std::span<const Profile* const> Profiles() {
  static const auto all = std::to_array<const Profile*>({
      &profiles::AnnexVIIIA(),
      &profiles::AnnexVIIIB(),
      &profiles::AnnexVIIIC(),
      &profiles::Ars01a14(),
      &profiles::Ats031(),
      &profiles::Ats031Nl(),
      &profiles::CaRegister(),
      &profiles::ClCplt(),
      &profiles::Croissant(),
      &profiles::CycloneDx(),
      &profiles::CycloneDxData(),
      &profiles::MldcatAp(),
      &profiles::MldcatApDataset(),
      &profiles::ModelCard(),
      &profiles::NgsiLd(),
      &profiles::Nl01(),
      &profiles::Nl10(),
      &profiles::NlList(),
      &profiles::NycLl35(),
      &profiles::NycLl352024(),
      &profiles::Omb2024(),
      &profiles::Omb2025(),
      &profiles::Spdx(),
      &profiles::SpdxDataset(),
      &profiles::Uk11(),
      &profiles::UkList(),
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

std::string NaturalScheme(const Profile& profile) {
  return std::string(profile.name) + ":natural";
}

bool IsSchemeOfAProfile(std::string_view scheme) {
  const std::span<const Profile* const> all = Profiles();
  return std::any_of(all.begin(), all.end(), [scheme](const Profile* one) {
    return scheme == one->name || scheme == one->organisation_scheme ||
           scheme == NaturalScheme(*one);
  });
}

}  // namespace limpid::algoregister

#include "algoregister/profile/profile_names.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "algoregister/profile/natural_key.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/field_table.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/import_names.h"

namespace limpid::algoregister {
namespace {

// Imports write an organisation's name into such an alias, letter for letter.
// Also of a scheme of no profile that is here: of one that another release had.
bool IsNameOfOrganisation(std::string_view scheme, RegistrationKind kind,
                          std::string_view field) {
  if (kind != RegistrationKind::kOrganisation ||
      field != NamingField(kind).name) {
    return false;
  }
  const std::span<const Profile* const> all = Profiles();
  return scheme.ends_with(":organisation") ||
         std::any_of(all.begin(), all.end(), [scheme](const Profile* one) {
           return scheme == one->organisation_scheme;
         });
}

class NamesOfProfiles final : public ImportNames {
 public:
  [[nodiscard]] bool IsScheme(std::string_view scheme) const override {
    return IsSchemeOfAProfile(scheme);
  }
  [[nodiscard]] bool AreMadeOf(std::string_view scheme, RegistrationKind kind,
                               std::string_view field) const override {
    return IsNaturalKeyOf(scheme, kind, field) ||
           IsNameOfOrganisation(scheme, kind, field);
  }
};

}  // namespace

const ImportNames& ProfileNames() {
  static const NamesOfProfiles kNames;
  return kNames;
}

}  // namespace limpid::algoregister

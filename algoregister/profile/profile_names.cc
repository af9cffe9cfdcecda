#include "algoregister/profile/profile_names.h"

#include <string_view>

#include "algoregister/profile/natural_key.h"
#include "algoregister/profile/profile.h"
#include "algoregister/registration/ids.h"
#include "algoregister/registration/import_names.h"

namespace limpid::algoregister {
namespace {

class NamesOfProfiles final : public ImportNames {
 public:
  [[nodiscard]] bool IsScheme(std::string_view scheme) const override {
    return IsSchemeOfAProfile(scheme);
  }
  [[nodiscard]] bool IsNaturalKeyOf(std::string_view scheme,
                                    RegistrationKind kind,
                                    std::string_view field) const override {
    return algoregister::IsNaturalKeyOf(scheme, kind, field);
  }
};

}  // namespace

const ImportNames& ProfileNames() {
  static const NamesOfProfiles kNames;
  return kNames;
}

}  // namespace limpid::algoregister

// Port: the names that imports go by. Registrations know no profile, which
// stand on them; but whoever takes such a name first would be what somebody
// else's list means, and one of them is a digest of texts that may be erased.

#ifndef LIMPID_ALGOREGISTER_REGISTRATION_IMPORT_NAMES_H_
#define LIMPID_ALGOREGISTER_REGISTRATION_IMPORT_NAMES_H_

#include <string_view>

#include "algoregister/registration/ids.h"

namespace limpid::algoregister {

// Pure; thread-safe.
class ImportNames {
 public:
  ImportNames() = default;
  ImportNames(const ImportNames&) = delete;
  ImportNames& operator=(const ImportNames&) = delete;
  virtual ~ImportNames() = default;

  // Whether imports find registrations or organisations by aliases of the
  // scheme.
  [[nodiscard]] virtual bool IsScheme(std::string_view scheme) const = 0;
  // Whether an alias of `scheme` is a digest that a text of `field` of a
  // registration of `kind` may be in: a natural key. When in doubt it is.
  [[nodiscard]] virtual bool IsNaturalKeyOf(std::string_view scheme,
                                            RegistrationKind kind,
                                            std::string_view field) const = 0;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_IMPORT_NAMES_H_

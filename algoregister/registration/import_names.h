// Port: the names that imports go by. Registrations know no profile, which
// stand on them; but whoever takes such a name first would be what somebody
// else's list means, and some are made of texts that may be erased.

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
  // Whether an alias of `scheme` may be made of a text of `field` of the same
  // registration, of `kind`: a natural key, which is a digest without a salt,
  // or the name of an organisation as it is. When in doubt it is.
  [[nodiscard]] virtual bool AreMadeOf(std::string_view scheme,
                                       RegistrationKind kind,
                                       std::string_view field) const = 0;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_REGISTRATION_IMPORT_NAMES_H_

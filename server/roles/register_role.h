// The register role put together: store, log, domain, edges.

#ifndef LIMPID_SERVER_ROLES_REGISTER_ROLE_H_
#define LIMPID_SERVER_ROLES_REGISTER_ROLE_H_

#include <memory>

#include "absl/status/status.h"
#include "algoregister/registration/publisher.h"
#include "algoregister/registration/register.h"
#include "algoregister/service_key/key_operators.h"
#include "algoregister/service_key/service_key_store.h"
#include "server/role_files.h"
#include "server/roles/role.h"

namespace limpid::server {

class RegisterRole : public Role {
 public:
  // Once, after OpenFiles.
  //
  // Errors: those of the register's recovery.
  virtual absl::Status Start() = 0;
  // What consent in the same process asks, and publishes keys in. Live as long
  // as the role.
  [[nodiscard]] virtual algoregister::Register& registrations() = 0;
  [[nodiscard]] virtual const algoregister::ServiceKeyStore& service_keys()
      const = 0;
  [[nodiscard]] virtual const algoregister::PublisherStore& publishers()
      const = 0;
  // Takes the entries that the operator signs, from now on.
  virtual void Admit(const algoregister::KeyOperator& key_operator) = 0;
};

// `environment` must outlive the role.
std::unique_ptr<RegisterRole> MakeRegisterRole(
    const Environment& environment, std::unique_ptr<RoleFiles> files);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_REGISTER_ROLE_H_

// The roles that the configuration names, as one: opened before any starts,
// started in the order in which they need each other, with the ports between
// them wired.

#ifndef LIMPID_SERVER_ROLES_ROLE_SET_H_
#define LIMPID_SERVER_ROLES_ROLE_SET_H_

#include <memory>

#include "absl/status/status.h"
#include "server/roles/role.h"

namespace limpid::server {

class RoleSet : public Role {
 public:
  // Once, after OpenFiles and once Environment::public_url is known.
  //
  // Errors: those of the domains' start.
  virtual absl::Status Start() = 0;
};

// `environment` must outlive the roles.
std::unique_ptr<RoleSet> MakeRoleSet(const Environment& environment);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_ROLE_SET_H_

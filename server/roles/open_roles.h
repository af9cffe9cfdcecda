// Opens the roles that the configuration names, in the order in which they need
// each other, and wires the ports between them.

#ifndef LIMPID_SERVER_ROLES_OPEN_ROLES_H_
#define LIMPID_SERVER_ROLES_OPEN_ROLES_H_

#include <memory>

#include "absl/status/statusor.h"
#include "server/roles/role.h"

namespace limpid::server {

// All of them as one. `environment` must outlive it.
//
// Errors: those of RoleFiles and of the domains.
absl::StatusOr<std::unique_ptr<Role>> OpenRoles(const Environment& environment);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_OPEN_ROLES_H_

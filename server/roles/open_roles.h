// Opens the roles that the configuration names, in the order in which they need
// each other, and wires the ports between them.

#ifndef LIMPID_SERVER_ROLES_OPEN_ROLES_H_
#define LIMPID_SERVER_ROLES_OPEN_ROLES_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "server/roles/role.h"

namespace limpid::server {

// In the order opened; destroy them in the reverse order. `environment` must
// outlive them.
//
// Errors: those of RoleFiles and of the domains.
absl::StatusOr<std::vector<std::unique_ptr<Role>>> OpenRoles(
    const Environment& environment);

}  // namespace limpid::server

#endif  // LIMPID_SERVER_ROLES_OPEN_ROLES_H_

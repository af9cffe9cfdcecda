// What a key agent takes from itself once it listens: new sockets, other
// programs, and looks into other processes. Whoever takes it over has its keys,
// but no way out except through the vault's socket.

#ifndef LIMPID_SERVER_KEYAGENT_CONFINE_H_
#define LIMPID_SERVER_KEYAGENT_CONFINE_H_

#include "absl/status/status.h"

namespace limpid::server {

// For all threads of the process and for good (seccomp). What is taken fails
// with EPERM.
//
// Errors:
//   kFailedPrecondition  the system does not do so.
absl::Status Confine();

}  // namespace limpid::server

#endif  // LIMPID_SERVER_KEYAGENT_CONFINE_H_

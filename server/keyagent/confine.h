// What a key agent takes from itself once it listens: making and connecting
// sockets, starting programs, and the calls that look into other processes.
// Whoever takes it over has its keys, and can still answer who connects to its
// socket and open files as its user may, /proc/<pid>/mem of that user's other
// processes and FIFOs among them: it needs a user that runs nothing else.

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

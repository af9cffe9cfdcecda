// Libraries below us print what they think of a connection or a text to
// standard error, with addresses of memory and names of their own parts. A
// command says itself what went wrong and what to do.

#ifndef LIMPID_COMMON_RPC_QUIET_H_
#define LIMPID_COMMON_RPC_QUIET_H_

namespace limpid::rpc {

// For the mains of commands, before anything else is called. Errors arrive as
// statuses all the same.
void SilenceLibraries();

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_QUIET_H_

// Debian builds Abseil with the checks of a debug build: each lock of gRPC's
// own is noted in a graph, under one lock of the process, to find orders that
// could deadlock. They are of use while testing, and cost a server 3 % of its
// time.

#ifndef LIMPID_COMMON_RPC_LOCK_ORDER_H_
#define LIMPID_COMMON_RPC_LOCK_ORDER_H_

namespace limpid::rpc {

// For the mains of shipped programs and benchmarks, beside RequireTls13; tests
// keep the checks.
void SkipLockOrderChecks();

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_LOCK_ORDER_H_

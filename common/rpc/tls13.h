// TLS 1.3 and nothing older for every gRPC channel and listener of the process.
// gRPC 1.51 has no option for it: see docs/adr/2026-11-20-grpc-tls13-only.md.

#ifndef LIMPID_COMMON_RPC_TLS13_H_
#define LIMPID_COMMON_RPC_TLS13_H_

namespace limpid::rpc {

// The first line of every main, before any thread and before gRPC is touched.
void RequireTls13();

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_TLS13_H_

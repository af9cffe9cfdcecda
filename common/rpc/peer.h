// Which client a connection belongs to, as far as its address tells: to share
// something among clients, never to know who they are. Never logged.

#ifndef LIMPID_COMMON_RPC_PEER_H_
#define LIMPID_COMMON_RPC_PEER_H_

#include <string>
#include <string_view>

namespace limpid::rpc {

// `peer` as grpc::ServerContextBase::peer gives it, "ipv4:192.0.2.1:50000". The
// address without the port; of IPv6 the first 64 bits, because one client has
// all addresses of such a network. All clients behind one proxy are one. What
// is not understood is a client of its own.
std::string ClientOf(std::string_view peer);

}  // namespace limpid::rpc

#endif  // LIMPID_COMMON_RPC_PEER_H_

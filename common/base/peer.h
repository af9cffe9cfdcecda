// Which client a connection belongs to, as far as its address tells: to share
// something among clients, never to know who they are. Never logged.

#ifndef LIMPID_COMMON_BASE_PEER_H_
#define LIMPID_COMMON_BASE_PEER_H_

#include <string>
#include <string_view>

namespace limpid::base {

// `peer` as grpc::ServerContextBase::peer gives it, "ipv4:192.0.2.1:50000". The
// address without the port; of IPv6 the first 64 bits, because one client has
// all addresses of such a network. All clients behind one proxy are one. What
// is not understood is a client of its own.
std::string ClientOf(std::string_view peer);

// The network that `client`, an answer of ClientOf, is likely in with others of
// the same household or body: the first 48 bits of IPv6, 24 of IPv4 (mapped
// into IPv6 too). What is not understood is a network of its own.
std::string NetworkOf(std::string_view client);

}  // namespace limpid::base

#endif  // LIMPID_COMMON_BASE_PEER_H_

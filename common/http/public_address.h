// Which addresses of the Internet a server may be sent to on somebody else's
// word: none that leads back into its own network. docs/formats/push.md

#ifndef LIMPID_COMMON_HTTP_PUBLIC_ADDRESS_H_
#define LIMPID_COMMON_HTTP_PUBLIC_ADDRESS_H_

#include <string_view>

namespace limpid::http {

// Whether `text` is an address, not a name: "192.0.2.1", "2001:db8::1".
[[nodiscard]] bool IsAddress(std::string_view text);

// Whether `text` is an address that everybody can reach: no loopback, private,
// shared (CGNAT), link-local, unique-local, multicast, documentation, reserved,
// v4-mapped or translated (NAT64, 6to4, Teredo) one. False for what is no
// address. IANA special-purpose address registries, RFC 6890
[[nodiscard]] bool IsPublicAddress(std::string_view text);

}  // namespace limpid::http

#endif  // LIMPID_COMMON_HTTP_PUBLIC_ADDRESS_H_

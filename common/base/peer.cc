#include "common/base/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace limpid::base {
namespace {

constexpr std::string_view kIpv4 = "ipv4:";
constexpr std::string_view kIpv6 = "ipv6:";
constexpr std::string_view kOpen = "%5B";
constexpr std::string_view kClose = "%5D";
// Of an IPv6 address that belong to the network.
constexpr std::size_t kNetworkBytes = 8;
// And of what a household or a body is given of them.
constexpr std::size_t kSiteBytes = 6;

// Between the brackets, escaped or not, and before a zone.
std::string_view Inside(std::string_view text) {
  if (text.starts_with(kOpen)) text.remove_prefix(kOpen.size());
  if (text.starts_with('[')) text.remove_prefix(1);
  if (text.ends_with(kClose)) text.remove_suffix(kClose.size());
  if (text.ends_with(']')) text.remove_suffix(1);
  return text.substr(0, text.find('%'));
}

}  // namespace

std::string ClientOf(std::string_view peer) {
  const std::string_view address = peer.substr(0, peer.rfind(':'));
  if (address.starts_with(kIpv4)) return std::string(address);
  if (!address.starts_with(kIpv6)) return std::string(peer);
  const std::string text(Inside(address.substr(kIpv6.size())));
  ByteArray<sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) {
    return std::string(peer);
  }
  constexpr ByteArray<12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const ByteView all(bytes);
  const bool mapped =
      ToBytes(all.first(kMapped.size())) == ToBytes(ByteView(kMapped));
  return std::string(kIpv6) +
         HexEncode(mapped ? all : all.first(kNetworkBytes));
}

std::string NetworkOf(std::string_view client) {
  if (client.starts_with(kIpv4)) {
    return std::string(client.substr(0, client.rfind('.')));
  }
  constexpr std::size_t kDigits = 2;
  const std::size_t all = kIpv6.size() + kDigits * sizeof(in6_addr);
  const std::size_t network = kIpv6.size() + kDigits * kNetworkBytes;
  const bool address =
      client.starts_with(kIpv6) &&
      client.find_first_not_of("0123456789abcdef", kIpv6.size()) ==
          std::string_view::npos;
  if (!address) return std::string(client);
  // Of an address mapped into IPv6 ClientOf gives all.
  if (client.size() == all) {
    return std::string(client.substr(0, all - kDigits));
  }
  if (client.size() != network) return std::string(client);
  return std::string(client.substr(0, kIpv6.size() + kDigits * kSiteBytes));
}

}  // namespace limpid::base

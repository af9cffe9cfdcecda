#include "common/http/public_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace limpid::http {
namespace {

constexpr int kBitsPerByte = 8;

// The first `bits` bits of an address; the rest of `bytes` is zero.
struct Prefix {
  std::array<std::uint8_t, 4> bytes;
  int bits;
};

// All but one are whole registries of RFC 6890; 192.88.99/24 is the 6to4 relay
// anycast that RFC 7526 took back.
constexpr std::array<Prefix, 14> kNotPublic4 = {{
    {{0}, 8},
    {{10}, 8},
    {{100, 64}, 10},
    {{127}, 8},
    {{169, 254}, 16},
    {{172, 16}, 12},
    {{192, 0, 0}, 24},
    {{192, 0, 2}, 24},
    {{192, 88, 99}, 24},
    {{192, 168}, 16},
    {{198, 18}, 15},
    {{198, 51, 100}, 24},
    {{203, 0, 113}, 24},
    // Multicast and reserved.
    {{224}, 3},
}};

// Global unicast; everything else is refused.
constexpr Prefix kGlobal6 = {{0x20}, 3};
constexpr std::array<Prefix, 4> kNotPublic6 = {{
    // Protocol assignments, Teredo among them.
    {{0x20, 0x01, 0x00}, 23},
    {{0x20, 0x01, 0x0d, 0xb8}, 32},
    {{0x20, 0x02}, 16},
    {{0x3f, 0xff, 0x00}, 20},
}};

bool IsIn(std::span<const std::uint8_t> address, const Prefix& prefix) {
  int left = prefix.bits;
  for (std::size_t i = 0; left > 0; ++i, left -= kBitsPerByte) {
    const int unused = std::max(kBitsPerByte - left, 0);
    if (address[i] >> unused != prefix.bytes.at(i) >> unused) return false;
  }
  return true;
}

template <std::size_t N>
bool IsInAny(std::span<const std::uint8_t> address,
             const std::array<Prefix, N>& prefixes) {
  return std::any_of(
      prefixes.begin(), prefixes.end(),
      [&](const Prefix& prefix) { return IsIn(address, prefix); });
}

using Address4 = std::array<std::uint8_t, 4>;
using Address6 = std::array<std::uint8_t, 16>;

bool Parse(std::string_view text, Address4& out) {
  return inet_pton(AF_INET, std::string(text).c_str(), out.data()) == 1;
}

bool Parse(std::string_view text, Address6& out) {
  return inet_pton(AF_INET6, std::string(text).c_str(), out.data()) == 1;
}

}  // namespace

bool IsAddress(std::string_view text) {
  Address4 address4{};
  Address6 address6{};
  return Parse(text, address4) || Parse(text, address6);
}

bool IsPublicAddress(std::string_view text) {
  Address4 address4{};
  if (Parse(text, address4)) return !IsInAny(address4, kNotPublic4);
  Address6 address6{};
  return Parse(text, address6) && IsIn(address6, kGlobal6) &&
         !IsInAny(address6, kNotPublic6);
}

}  // namespace limpid::http

#include "common/base/peer.h"

#include <string>

#include "gtest/gtest.h"

namespace limpid::base {
namespace {

TEST(ClientOf, IsTheAddressWithoutThePort) {
  EXPECT_EQ(ClientOf("ipv4:192.0.2.1:50000"), ClientOf("ipv4:192.0.2.1:1"));
  EXPECT_NE(ClientOf("ipv4:192.0.2.1:50000"), ClientOf("ipv4:192.0.2.2:50000"));
}

TEST(ClientOf, IsTheNetworkOfAnIpv6Address) {
  const std::string one = ClientOf("ipv6:%5B2001:db8:1:2::1%5D:50000");
  EXPECT_EQ(ClientOf("ipv6:[2001:db8:1:2:ffff::9]:1"), one);
  EXPECT_NE(ClientOf("ipv6:%5B2001:db8:1:3::1%5D:50000"), one);
  EXPECT_EQ(ClientOf("ipv6:%5Bfe80::1%25eth0%5D:1"),
            ClientOf("ipv6:%5Bfe80::2%5D:1"));
}

TEST(ClientOf, KnowsMappedAddressesApart) {
  EXPECT_NE(ClientOf("ipv6:%5B::ffff:192.0.2.1%5D:1"),
            ClientOf("ipv6:%5B::ffff:192.0.2.2%5D:1"));
}

TEST(ClientOf, WhatIsNotUnderstoodIsAClientOfItsOwn) {
  EXPECT_EQ(ClientOf("unix:/run/a"), "unix:/run/a");
  EXPECT_EQ(ClientOf("ipv6:%5Bnonsense%5D:1"), "ipv6:%5Bnonsense%5D:1");
  EXPECT_EQ(ClientOf(""), "");
}

std::string Network(const std::string& peer) {
  return NetworkOf(ClientOf(peer));
}

TEST(NetworkOf, HasWhatAHouseholdIsGiven) {
  const std::string one = Network("ipv6:%5B2001:db8:1:2::1%5D:50000");
  EXPECT_EQ(Network("ipv6:%5B2001:db8:1:ffff::9%5D:1"), one);
  EXPECT_NE(Network("ipv6:%5B2001:db8:2:2::1%5D:1"), one);
  EXPECT_EQ(Network("ipv4:192.0.2.1:50000"), Network("ipv4:192.0.2.254:1"));
  EXPECT_NE(Network("ipv4:192.0.2.1:50000"), Network("ipv4:192.0.3.1:1"));
}

TEST(NetworkOf, KnowsMappedAddresses) {
  const std::string one = Network("ipv6:%5B::ffff:192.0.2.1%5D:1");
  EXPECT_EQ(Network("ipv6:%5B::ffff:192.0.2.2%5D:1"), one);
  EXPECT_NE(Network("ipv6:%5B::ffff:192.0.3.1%5D:1"), one);
}

TEST(NetworkOf, WhatIsNotUnderstoodIsANetworkOfItsOwn) {
  EXPECT_EQ(NetworkOf("unix:/run/a"), "unix:/run/a");
  EXPECT_EQ(NetworkOf("ipv6:%5Bnonsense%5D:1"), "ipv6:%5Bnonsense%5D:1");
  EXPECT_EQ(NetworkOf(""), "");
}

}  // namespace
}  // namespace limpid::base

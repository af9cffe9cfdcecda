#include "common/http/public_address.h"

#include "gtest/gtest.h"

namespace limpid::http {
namespace {

TEST(PublicAddress, TakesWhatEverybodyCanReach) {
  for (const char* const text :
       {"1.1.1.1",     "9.255.255.255",   "11.0.0.0",      "100.63.255.255",
        "100.128.0.0", "126.255.255.255", "128.0.0.1",     "169.253.255.255",
        "169.255.0.0", "172.15.255.255",  "172.32.0.0",    "192.0.1.0",
        "192.0.3.0",   "192.167.255.255", "192.169.0.0",   "198.17.255.255",
        "198.20.0.0",  "198.51.101.0",    "203.0.112.255", "223.255.255.255",
        "2000::1",     "2001:200::1",     "2001:db7::1",   "2001:db9::1",
        "2003::1",     "2a00::1",         "3fff:1000::1"}) {
    EXPECT_TRUE(IsPublicAddress(text)) << text;
    EXPECT_TRUE(IsAddress(text)) << text;
  }
}

TEST(PublicAddress, RefusesWhatLeadsBack) {
  for (const char* const text :
       {"0.0.0.0",         "10.0.0.1",        "10.255.255.255",
        "100.64.0.0",      "100.127.255.255", "127.0.0.1",
        "127.255.255.255", "169.254.169.254", "172.16.0.0",
        "172.31.255.255",  "192.0.0.8",       "192.0.2.1",
        "192.88.99.1",     "192.168.0.1",     "198.18.0.0",
        "198.19.255.255",  "198.51.100.1",    "203.0.113.1",
        "224.0.0.1",       "239.255.255.255", "240.0.0.1",
        "255.255.255.255"}) {
    EXPECT_FALSE(IsPublicAddress(text)) << text;
    EXPECT_TRUE(IsAddress(text)) << text;
  }
  for (const char* const text :
       {"::", "::1", "::ffff:1.1.1.1", "::ffff:127.0.0.1", "::1.1.1.1",
        "64:ff9b::1.1.1.1", "64:ff9b:1::1", "100::1", "fc00::1", "fdff::1",
        "fe80::1", "fec0::1", "ff02::1", "2001::1", "2001:1ff::1",
        "2001:db8::1", "2002:7f00:1::1", "3fff::1", "4000::1"}) {
    EXPECT_FALSE(IsPublicAddress(text)) << text;
    EXPECT_TRUE(IsAddress(text)) << text;
  }
}

TEST(PublicAddress, NamesAndOtherSpellingsAreNone) {
  for (const char* const text :
       {"", "localhost", "care.example", "1.1.1", "0x7f.1", "2130706433",
        "1.1.1.1 ", "[2000::1]", "fe80::1%eth0"}) {
    EXPECT_FALSE(IsPublicAddress(text)) << text;
    EXPECT_FALSE(IsAddress(text)) << text;
  }
}

}  // namespace
}  // namespace limpid::http

#include "common/http/https_client.h"
#include "gtest/gtest.h"

namespace limpid::http {
namespace {

TEST(ParseUrl, TakesHostPortAndPath) {
  const Url full = ParseUrl("https://log.example:8443/register").value();
  EXPECT_EQ(full.host, "log.example");
  EXPECT_EQ(full.port, "8443");
  EXPECT_EQ(full.path, "/register");
  const Url bare = ParseUrl("https://log.example").value();
  EXPECT_EQ(bare.port, "443");
  EXPECT_EQ(bare.path, "/");
}

TEST(ParseUrl, RefusesEverythingElse) {
  for (const char* const text :
       {"", "http://log.example/", "https://", "https:///x", "https://a b/",
        "https://user@host/", "https://host:/", "https://host:x/",
        "https://host:123456/", "https://host/?q", "https://host/#f",
        "https://host/a\r\nb"}) {
    EXPECT_FALSE(ParseUrl(text).ok()) << text;
  }
}

}  // namespace
}  // namespace limpid::http

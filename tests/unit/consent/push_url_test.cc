#include "consent/push/push_url.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::consent {
namespace {

using limpid::testing::StatusIs;

TEST(PushUrl, TakesHostPortAndPath) {
  const PushUrl full =
      ParsePushUrl("url", "https://a-1.care.example:8443/x/%20y").value();
  EXPECT_EQ(full.host, "a-1.care.example");
  EXPECT_EQ(full.port, 8443);
  EXPECT_EQ(full.path, "/x/%20y");
  EXPECT_EQ(full.Text(), "https://a-1.care.example:8443/x/%20y");
  EXPECT_EQ(full.Origin(), "https://a-1.care.example:8443");
  const PushUrl bare = ParsePushUrl("url", "https://care").value();
  EXPECT_EQ(bare.Text(), "https://care/");
  EXPECT_EQ(ParsePushUrl("url", "https://care:443/").value(), bare);
}

TEST(PushUrl, RefusesEverythingElseAndNamesTheField) {
  const std::string longest = "https://a/" + std::string(502, 'x');
  EXPECT_TRUE(ParsePushUrl("url", longest).ok());
  const std::string label(64, 'a');
  for (const std::string& text :
       {std::string(),
        std::string("http://care.example/"),
        std::string("HTTPS://care.example/"),
        std::string("https://"),
        std::string("https:///x"),
        std::string("https://Care.example/"),
        std::string("https://user@care.example/"),
        std::string("https://user:pass@care.example/"),
        std::string("https://care.example:/"),
        std::string("https://care.example:0/"),
        std::string("https://care.example:0443/"),
        std::string("https://care.example:65536/"),
        std::string("https://care.example:+1/"),
        std::string("https://care..example/"),
        std::string("https://care.example./"),
        std::string("https://-a/"),
        std::string("https://a-/"),
        std::string("https://a_b/"),
        std::string("https://[::1]/"),
        std::string("https://a/?q"),
        std::string("https://a/#f"),
        std::string("https://a?q"),
        std::string("https://a/b c"),
        std::string("https://a/\r\nb"),
        std::string("https://a/\xc3\xa9"),
        std::string("https://a/\\b"),
        std::string("https://\xc3\xa9/"),
        "https://" + label + "/",
        longest + "x"}) {
    const auto url = ParsePushUrl("url", text);
    EXPECT_THAT(url, StatusIs(absl::StatusCode::kInvalidArgument)) << text;
    EXPECT_EQ(url.status().message().find("url: "), 0U) << text;
  }
}

TEST(PushUrl, AnOriginHasNoPath) {
  EXPECT_EQ(
      ParsePushOrigin("origin", "https://care.example:1").value().Origin(),
      "https://care.example:1");
  for (const char* const text : {"https://care.example/", "https://a/b"}) {
    EXPECT_THAT(ParsePushOrigin("origin", text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

}  // namespace
}  // namespace limpid::consent

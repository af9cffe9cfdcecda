// Addresses that are asked whether they answer, by a client against a server
// with TLS.

#include "clients/cpp/link_check.h"

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/https_receiver.h"
#include "tests/testing/tls.h"

namespace limpid::client {
namespace {

testing::Reply Answer(const testing::ReceivedRequest& request) {
  const auto asks = [&request](const char* path) {
    return request.line.starts_with(absl::StrCat("GET ", path, " "));
  };
  if (asks("/ok?page=2") || asks("/")) return {.status = 200};
  if (asks("/long")) return {.status = 200, .body = std::string(300'000, 'x')};
  if (asks("/long-gone")) {
    return {.status = 404, .body = std::string(300'000, 'x')};
  }
  if (asks("/long-broken")) {
    return {.status = 500, .body = std::string(300'000, 'x')};
  }
  if (asks("/moved")) {
    return {.status = 301, .headers = "Location: https://example.org/\r\n"};
  }
  if (asks("/broken")) return {.status = 503};
  if (request.line.starts_with("GET /slow")) {
    return {.status = 200, .delay = absl::Seconds(30)};
  }
  return {.status = 404};
}

class LinkCheck : public ::testing::Test {
 protected:
  std::string Url(const std::string& path) const {
    return absl::StrCat("https://localhost:", server_.port(), path);
  }
  static std::vector<Link> Links(const std::vector<std::string>& urls) {
    std::vector<Link> out;
    for (const std::string& url : urls) {
      out.push_back({"dep_x", "/fields/source_url", url});
    }
    return out;
  }
  LinkCheckOptions Options() const {
    LinkCheckOptions out;
    out.timeout = absl::Seconds(2);
    out.private_addresses = true;
    out.ca_pem = tls_.server_ca_pem();
    return out;
  }
  std::vector<CheckedLink> Check(const std::vector<std::string>& urls,
                                 const LinkCheckOptions& options) {
    return CheckLinks(Links(urls), options, [](std::size_t, std::size_t) {});
  }

  testing::TestTls tls_;
  testing::HttpsReceiver server_{tls_.server(), Answer};
};

TEST_F(LinkCheck, SaysHowEachAddressAnswers) {
  const auto found =
      Check({Url("/ok?page=2#part"), Url(""), Url("/moved"), Url("/gone"),
             Url("/broken"), Url("/long"), "http://example.org/",
             "ftp://example.org/", "https://exa mple.org/", "https://"},
            Options());
  std::vector<std::string> states;
  for (const CheckedLink& one : found) {
    states.emplace_back(LinkStateName(one.state));
  }
  EXPECT_EQ(states, (std::vector<std::string>{
                        "alive", "alive", "moved", "gone", "refused", "alive",
                        "not checked", "malformed", "malformed", "malformed"}));
  EXPECT_EQ(found[3].status, 404);
  EXPECT_EQ(found[3].link.pointer, "/fields/source_url");
}

// An error page that nobody keeps short is one all the same.
TEST_F(LinkCheck, OfALongAnswerTheStatusCounts) {
  LinkCheckOptions options = Options();
  for (const bool digests : {false, true}) {
    options.digests = digests;
    const auto found =
        Check({Url("/long"), Url("/long-gone"), Url("/long-broken"), Url("/")},
              options);
    EXPECT_EQ(found[0].state, LinkState::kAlive);
    EXPECT_EQ(found[0].status, 200);
    EXPECT_EQ(found[1].state, LinkState::kGone);
    EXPECT_EQ(found[1].status, 404);
    EXPECT_EQ(found[2].state, LinkState::kRefused);
    EXPECT_EQ(found[2].status, 500);
    EXPECT_EQ(found[3].state, LinkState::kAlive);
  }
}

TEST_F(LinkCheck, WhatIsThereIsComparedWithItsDigest) {
  LinkCheckOptions options = Options();
  options.digests = true;
  const std::string empty =
      "sha256:"
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  std::vector<Link> links =
      Links({Url("/"), Url("/"), Url("/"), Url("/gone"), Url("/long")});
  links[0].digest = empty;
  links[1].digest = "sha256:" + std::string(64, '0');
  links[3].digest = empty;
  // Longer than what is read of a page, and still the whole of it.
  links[4].digest = empty;
  const auto nothing = [](std::size_t, std::size_t) {};
  const auto found = CheckLinks(links, options, nothing);
  std::vector<std::string> states;
  for (const CheckedLink& one : found) {
    states.emplace_back(DigestStateName(one.digest));
  }
  EXPECT_EQ(states,
            (std::vector<std::string>{"matches", "differs", "not compared",
                                      "not compared", "differs"}));
  EXPECT_EQ(found[1].state, LinkState::kAlive);
  EXPECT_EQ(server_.requests().size(), 3U);
  options.digests = false;
  for (const CheckedLink& one : CheckLinks(links, options, nothing)) {
    EXPECT_EQ(one.digest, DigestState::kNotCompared);
  }
}

TEST_F(LinkCheck, AsksEachAddressOnce) {
  Check({Url("/gone"), Url("/gone"), Url("/gone"), Url("/broken")}, Options());
  EXPECT_EQ(server_.requests().size(), 2U);
}

TEST_F(LinkCheck, AsksNoPrivateAddressUnlessTold) {
  LinkCheckOptions options = Options();
  options.private_addresses = false;
  const auto found = Check({Url("/ok"), "https://127.0.0.1:1/"}, options);
  EXPECT_EQ(found[0].state, LinkState::kPrivate);
  EXPECT_EQ(found[1].state, LinkState::kPrivate);
  EXPECT_EQ(server_.connection_count(), 0U);
}

TEST_F(LinkCheck, TrustsNoStranger) {
  const testing::TestTls other;
  LinkCheckOptions options = Options();
  options.ca_pem = other.server_ca_pem();
  EXPECT_EQ(Check({Url("/ok")}, options)[0].state, LinkState::kUntrusted);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(LinkCheck, OneSlowPageSaysNothingOfTheOthers) {
  LinkCheckOptions options = Options();
  options.timeout = absl::Milliseconds(500);
  const auto found =
      Check({Url("/slow"), Url("/ok?page=2"), Url("/gone")}, options);
  EXPECT_EQ(found[0].state, LinkState::kUnreachable);
  EXPECT_EQ(found[1].state, LinkState::kAlive);
  EXPECT_EQ(found[2].state, LinkState::kGone);
}

// What it was not asked is not said to fail.
TEST_F(LinkCheck, AHostThatIsSilentAllTheTimeIsLeftAlone) {
  LinkCheckOptions options = Options();
  options.timeout = absl::Milliseconds(300);
  std::vector<std::string> urls(kMaxSilences, Url("/slow"));
  for (std::string& url : urls) url += absl::StrCat("?", &url - urls.data());
  urls.push_back(Url("/ok?page=2"));
  const auto found = Check(urls, options);
  EXPECT_EQ(found.back().state, LinkState::kNotChecked);
  for (auto one = found.begin(); one != found.end() - 1; ++one) {
    EXPECT_EQ(one->state, LinkState::kUnreachable);
  }
}

TEST_F(LinkCheck, AHostThatIsNotThereIsAskedOnce) {
  const auto found =
      Check({"https://localhost:1/a", "https://localhost:1/b"}, Options());
  EXPECT_EQ(found[0].state, LinkState::kUnreachable);
  EXPECT_EQ(found[1].state, LinkState::kUnreachable);
}

TEST_F(LinkCheck, WhatIsLeftWhenTimeIsOverWasNotChecked) {
  LinkCheckOptions options = Options();
  options.total = absl::ZeroDuration();
  EXPECT_EQ(Check({Url("/ok")}, options)[0].state, LinkState::kNotChecked);
  EXPECT_TRUE(server_.requests().empty());
}

TEST(LinksOf, HaveTheDigestThatStandsBeside) {
  const auto content = json::ParseStrict(
      R"({"fields":{"artifact_digest":{"state":"given","value":"sha256:a"},)"
      R"("artifact_url":{"state":"given","value":"https://a.example/"},)"
      R"("download_url":{"state":"given","value":"https://b.example/"},)"
      R"("source_url":{"state":"given","value":"https://c.example/"}}})");
  const auto links = LinksOf("mdl_x", *content);
  ASSERT_EQ(links.size(), 3U);
  EXPECT_EQ(links[0].digest, "sha256:a");
  EXPECT_EQ(links[1].digest, "");
  EXPECT_EQ(links[2].digest, "");
}

TEST(LinksOf, AreTheAddressesThatAreGiven) {
  const auto content = json::ParseStrict(
      R"({"fields":{"a":{"state":"given","value":"https://a.example/"},)"
      R"("b":{"state":"given","value":[{"title":"x","url":"http://b.example"}]},)"
      R"("c":{"state":"withheld","ground":"https://c.example/"},)"
      R"("d":{"state":"given","value":"see https://d.example/"}}})");
  const auto links = LinksOf("dep_x", *content);
  ASSERT_EQ(links.size(), 2U);
  EXPECT_EQ(links[0].pointer, "/fields/a");
  EXPECT_EQ(links[1].pointer, "/fields/b/0/url");
  EXPECT_EQ(links[1].url, "http://b.example");
}

}  // namespace
}  // namespace limpid::client

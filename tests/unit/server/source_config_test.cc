#include "server/source_config.h"

#include <cstddef>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::server {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kAgency[] = R"([[source]]
name = "tax"
title = "Tax administration"
kind = "agency"
url = "https://register.tax.example/limpid"
ca = "tax-ca.pem"
certificate = "vault.pem"
private_key = "/keys/vault.key"
keys = ["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]
attributes = ["income.annual"]
)";

constexpr char kSolid[] = R"([[source]]
name = "pods"
title = "City pods"
kind = "solid"
url = "https://pods.example"
ca = "pods-ca.pem"
client_id = "vault_1"
client_secret_file = "pods-secret"
attributes = ["person.gender", "person.language"]
at_once = 64
timeout_ms = 1500
)";

auto Says(const std::string& text) {
  return ::limpid::testing::StatusSays(absl::StatusCode::kInvalidArgument,
                                       text);
}

absl::StatusOr<std::vector<SourceConfig>> Parse(const std::string& text) {
  return ParseSources(text, "/etc/limpid/sources.toml");
}

// The agency with `from` changed into `to`.
absl::Status Changed(std::string_view from, std::string_view to) {
  std::string text = kAgency;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  return Parse(text).status();
}

TEST(SourceConfig, ReadsBothKinds) {
  const auto sources = Parse(absl::StrCat(kAgency, kSolid));
  ASSERT_THAT(sources, IsOk());
  ASSERT_EQ(sources->size(), 2U);
  const SourceConfig& agency = sources->front();
  EXPECT_EQ(agency.name, "tax");
  EXPECT_EQ(agency.ca, "/etc/limpid/tax-ca.pem");
  EXPECT_EQ(agency.private_key, "/keys/vault.key");
  EXPECT_EQ(agency.at_once, 8);
  EXPECT_EQ(agency.time_limit, absl::Milliseconds(1200));
  const SourceConfig& pods = sources->back();
  EXPECT_EQ(pods.kind, kSolidSource);
  EXPECT_EQ(pods.client_secret, "/etc/limpid/pods-secret");
  EXPECT_EQ(pods.attributes.size(), 2U);
  EXPECT_EQ(pods.at_once, SourceConfig::kMostAtOnce);
  EXPECT_EQ(pods.time_limit, SourceConfig::kMostTime);
  EXPECT_TRUE(Parse("")->empty());
}

TEST(SourceConfig, SaysWhichLineIsWrong) {
  const auto bad = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Changed("url = \"https", "url = 7 # \""),
              Says("/etc/limpid/sources.toml:5: source.url is not a text "
                   "in quotes"));
  EXPECT_THAT(Changed("title = \"Tax administration\"", ""),
              Says("source.title is missing"));
  EXPECT_THAT(Changed("\"agency\"", "\"spy\""), Says(":4: source.kind"));
  EXPECT_THAT(Changed("11qYAY", "11qYA"), Says(":9: source.keys"));
  EXPECT_THAT(Changed("[\"income.annual\"]", "[]"),
              Says(":10: source.attributes"));
  EXPECT_THAT(Changed("[\"income.annual\"]", "[\"a.b\", \"a.b\"]"),
              Says("names a.b twice"));
  EXPECT_THAT(Changed("title", "titel"), Says("source.titel is unknown"));
  EXPECT_THAT(Changed("certificate = \"vault.pem\"\n", ""),
              Says("source.certificate is missing"));
  EXPECT_THAT(Changed("keys = ", "client_id = \"x\"\nkeys = "),
              Says("source.client_id is of Solid servers alone"));
  EXPECT_THAT(Parse(absl::StrCat(kSolid, "keys = [\"x\"]\n")),
              Says("source.keys is of agencies alone"));
  EXPECT_THAT(Parse(absl::StrCat(kAgency, "at_once = 65\n")),
              Says("source.at_once is not a whole number from 1 to 64"));
  EXPECT_THAT(Parse(absl::StrCat(kAgency, "timeout_ms = 1501\n")), bad);
  EXPECT_THAT(Parse(absl::StrCat(kAgency, "timeout_ms = 99\n")), bad);
  EXPECT_THAT(Parse(absl::StrCat(kAgency, kAgency)), Says("is twice"));
  EXPECT_THAT(Parse("source = 1\n"), bad);
  EXPECT_THAT(Parse("sources = []\n"), bad);
  EXPECT_THAT(Parse("[[source]\n"), bad);
}

TEST(SourceConfig, TheExampleOfThePageIsOne) {
  const char* root = std::getenv("LIMPID_SOURCE_DIR");
  const std::string page = testing::ReadFile(
      std::string(root == nullptr ? "." : root) + "/docs/connectors.md");
  std::size_t count = 0;
  for (std::size_t at = page.find("```toml\n"); at != std::string::npos;
       at = page.find("```toml\n", at + 1)) {
    const std::size_t begin = at + std::string_view("```toml\n").size();
    const auto sources =
        Parse(page.substr(begin, page.find("```", begin) - begin));
    EXPECT_THAT(sources, IsOk());
    ++count;
  }
  EXPECT_EQ(count, 2U);
}

}  // namespace
}  // namespace limpid::server

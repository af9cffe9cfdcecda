#include "common/receipt/standing.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using testing::IsOk;
using testing::StatusIs;

// Text and hash were made by a Python program from the format page.
constexpr std::string_view kText =
    R"({"action":"standing","class":"the city",)"
    R"("from":"2026-01-01T00:00:00.000Z","language":"en","lines":[)"
    R"({"attribute":"person.birth_date","derivation":"over_n/1",)"
    R"("form":"derived","parameters":"{\"n\":18}"},)"
    R"({"attribute":"person.name","derivation":"","form":"full",)"
    R"("parameters":""}],"members":["svc_aaaaaaaaaaaaaaaaaaaaaaaaae"],)"
    R"("nonce":"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc",)"
    R"("operator":"city","person":"per_aaaaaaaaaaaaaaaaaaaaaaaaae",)"
    R"("purposes":["https://w3id.org/dpv#ServiceProvision"],)"
    R"("recipients":[],"retention_days":30,)"
    R"("time":"2026-01-01T00:00:00.000Z",)"
    R"("until":"2027-01-01T00:00:00.000Z","validity_days":365})";
constexpr std::string_view kHash =
    "92d7191440bf4aff5211561912066d6c50bca7115f5f7ee8c0c12beee07e637a";

StandingPermission TestPermission() {
  StandingPermission out;
  out.class_name = "the city";
  out.from = absl::FromUnixMillis(1'767'225'600'000);
  out.until = out.from + absl::Hours(24 * 365);
  out.time = out.from;
  out.language = "en";
  out.lines = {{.attribute = "person.birth_date",
                .form = Form::kDerived,
                .derivation = "over_n/1",
                .parameters = R"({"n":18})"},
               {.attribute = "person.name", .form = Form::kFull}};
  out.members = {"svc_aaaaaaaaaaaaaaaaaaaaaaaaae"};
  out.nonce.fill(7);
  out.operator_name = "city";
  out.person = "per_aaaaaaaaaaaaaaaaaaaaaaaaae";
  out.purposes = {"https://w3id.org/dpv#ServiceProvision"};
  out.retention_days = 30;
  out.validity_days = 365;
  return out;
}

TEST(StandingPermissionText, IsThePagesWorkedExample) {
  EXPECT_EQ(TestPermission().Canonical(), kText);
  EXPECT_EQ(base::HexEncode(crypto::Sha256(StandingSigningInput(kText))),
            kHash);
  const auto parsed = StandingPermission::Parse(kText);
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, TestPermission());
}

TEST(StandingPermissionText, RefusesEveryChangedMember) {
  const std::vector<std::pair<std::string, std::string>> damages = {
      {R"("action":"standing")", R"("action":"grant")"},
      {R"("class":"the city",)", ""},
      {R"("class":"the city")", R"("class":"")"},
      {R"("language":"en")", R"("language":"")"},
      {R"("members":["svc_aaaaaaaaaaaaaaaaaaaaaaaaae"])", R"("members":[])"},
      {R"("members":["svc_)", R"("members":["svc_b","svc_)"},
      {R"("purposes":["https://w3id.org/dpv#ServiceProvision"])",
       R"("purposes":[])"},
      {R"("retention_days":30)", R"("retention_days":0)"},
      {R"("retention_days":30)", R"("retention_days":3661)"},
      {R"("validity_days":365)", R"("validity_days":367)"},
      {R"("until":"2027-01-01T)", R"("until":"2027-01-03T)"},
      {R"("until":"2027-)", R"("until":"2026-)"},
      {R"("parameters":"{\"n\":18}")", R"("parameters":"{ \"n\":18}")"},
      {R"("parameters":"{\"n\":18}")", R"("parameters":"")"},
      {R"("form":"derived")", R"("form":"full")"},
      // A signed answer is asked each time.
      {R"("form":"derived")", R"("form":"attested")"},
      {R"("attribute":"person.birth_date")", R"("attribute":"person.name")"},
      {R"("validity_days":365})", R"("validity_days":365,"x":1})"},
      {R"("validity_days":365})",
       R"("validity_days":365,"validity_days":366})"},
      {"{\"action\"", "{ \"action\""}};
  for (const auto& [from, to] : damages) {
    std::string bad(kText);
    absl::StrReplaceAll({{from, to}}, &bad);
    ASSERT_NE(bad, kText) << from;
    EXPECT_THAT(StandingPermission::Parse(bad),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << from;
  }
}

TEST(StandingPermissionText, IsSignedByOneKeyUnderItsOwnLabel) {
  const auto key = crypto::Ed25519PrivateKey::Generate();
  const SignedStanding sealed = SignStanding(TestPermission(), key);
  EXPECT_TRUE(StandingIsSigned(sealed, key.PublicKey()));
  EXPECT_FALSE(StandingIsSigned(
      sealed, crypto::Ed25519PrivateKey::Generate().PublicKey()));
  SignedStanding bare = sealed;
  bare.signature = key.Sign(base::AsBytes(sealed.canonical_json));
  EXPECT_FALSE(StandingIsSigned(bare, key.PublicKey()));
}

}  // namespace
}  // namespace limpid::receipt

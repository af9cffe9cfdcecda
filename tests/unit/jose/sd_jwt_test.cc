#include "common/jose/sd_jwt.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/crypto/es256.h"
#include "common/crypto/random.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/jose/rfc8037.h"

namespace limpid::jose {
namespace {

using base::AsBytes;
using base::Base64UrlEncode;
using json::Value;
using testing::IsOk;
using testing::StatusSays;

constexpr std::string_view kType = "dc+sd-jwt";
constexpr std::string_view kSalt = "AAECAwQFBgcICQoLDA0ODw";

crypto::Ed25519PublicKey Key() { return Rfc8037Key().PublicKey(); }

std::string Issued() {
  const std::vector<json::Member> hidden = {
      {"name", Value("Ada")},
      {"ages", *json::ParseStrict(R"({"over":[16,18]})")}};
  return IssueSdJwt(Rfc8037Key(), kType,
                    Value::Object({{"iss", Value("somebody")}}), hidden,
                    crypto::SystemRandom());
}

void ExpectRefused(std::string_view text,
                   const crypto::Ed25519PublicKey& key = Key()) {
  EXPECT_THAT(
      VerifySdJwt(text, key, kType),
      StatusSays(absl::StatusCode::kDataLoss, "the SD-JWT does not verify"))
      << text;
}

std::string Disclosure(std::string_view json) {
  return Base64UrlEncode(AsBytes(json));
}

std::string Named(std::string_view name, std::string_view value = "1") {
  return Disclosure(absl::StrCat(R"([")", std::string(kSalt), R"(",")",
                                 std::string(name), R"(",)", std::string(value),
                                 "]"));
}

// Signed well, with the digests of `disclosures` and whatever `more` says.
std::string Signed(const std::vector<std::string>& disclosures,
                   std::string_view more = "") {
  std::string digests;
  std::string behind;
  for (const std::string& one : disclosures) {
    absl::StrAppend(&digests, digests.empty() ? "" : ",", "\"",
                    DisclosureDigest(one), "\"");
    absl::StrAppend(&behind, one, "~");
  }
  const std::string payload =
      absl::StrCat(R"({"_sd":[)", digests, R"(],"_sd_alg":"sha-256")",
                   std::string(more), "}");
  return absl::StrCat(SignCompact(Rfc8037Key(), kType, payload), "~", behind);
}

// RFC 9901 sections 4.2.1, 4.2.3 and 5.1.
TEST(Disclosure, DigestsAreThoseOfRfc9901) {
  const std::vector<std::pair<std::string, std::string>> vectors = {
      {"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl"
       "0",
       "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"},
      {"WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd",
       "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4"}};
  for (const auto& [disclosure, digest] : vectors) {
    EXPECT_EQ(DisclosureDigest(disclosure), digest);
  }
  const auto family = ReadDisclosure(vectors[0].first);
  ASSERT_THAT(family, IsOk());
  EXPECT_EQ(family->key, "family_name");
  EXPECT_EQ(family->value, Value("M\xc3\xb6"
                                 "bius"));
  const auto given = ReadDisclosure(vectors[1].first);
  ASSERT_THAT(given, IsOk());
  EXPECT_EQ(given->value, Value("John"));
}

// RFC 9901 section 4.2.2.
TEST(Disclosure, AnElementOfAnArrayIsNone) {
  EXPECT_FALSE(
      ReadDisclosure("WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0").ok());
}

TEST(SdJwt, SaysWhatWasIssued) {
  const auto claims = VerifySdJwt(Issued(), Key(), kType);
  ASSERT_THAT(claims, IsOk());
  EXPECT_EQ(json::Canonical(claims->open), R"({"iss":"somebody"})");
  EXPECT_EQ(json::Canonical(claims->disclosed),
            R"({"ages":{"over":[16,18]},"name":"Ada"})");
}

TEST(SdJwt, WhatIsNotShownIsNotSaid) {
  const std::string text = Issued();
  const std::string bare = text.substr(0, text.find('~') + 1);
  const auto claims = VerifySdJwt(bare, Key(), kType);
  ASSERT_THAT(claims, IsOk());
  EXPECT_EQ(claims->disclosed.size(), 0);
  EXPECT_EQ(bare.find("QWRh"), std::string::npos);
  const std::string last =
      bare + text.substr(text.rfind('~', text.size() - 2) + 1);
  EXPECT_EQ(VerifySdJwt(last, Key(), kType)->disclosed.size(), 1);
}

TEST(SdJwt, EqualContentsAreNotEqual) { EXPECT_NE(Issued(), Issued()); }

// A machine that was cloned repeats its randomness; its salts still differ for
// other claims.
class Repeating final : public crypto::RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = 7;
  }
};

TEST(SdJwt, RepeatedRandomnessRepeatsNoSalt) {
  Repeating random;
  const std::vector<json::Member> hidden = {{"answer", Value(true)}};
  const auto disclosed = [&](std::string_view nonce) {
    const std::string text =
        IssueSdJwt(Rfc8037Key(), kType,
                   Value::Object({{"nonce", Value(nonce)}}), hidden, random);
    return text.substr(text.find('~'));
  };
  EXPECT_EQ(disclosed("a"), disclosed("a"));
  EXPECT_NE(disclosed("a"), disclosed("b"));
}

TEST(SdJwt, RefusesEveryChangedCharacter) {
  const std::string text = Issued();
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char other : {'A', 'B', '.', '~', '=', '\0'}) {
      std::string bad = text;
      if (bad[i] == other) continue;
      bad[i] = other;
      ExpectRefused(bad);
    }
  }
}

TEST(SdJwt, RefusesOtherForms) {
  const std::string text = Issued();
  ExpectRefused("");
  ExpectRefused("~");
  ExpectRefused("~~");
  ExpectRefused(text.substr(0, text.size() - 1));
  ExpectRefused(text + "~");
  ExpectRefused("~" + text);
  ExpectRefused(text + "\n");
  // A key binding, here the token itself.
  ExpectRefused(text + text.substr(0, text.find('~')));
  // A disclosure twice, and one that was never signed.
  ExpectRefused(text + text.substr(text.rfind('~', text.size() - 2) + 1));
  ExpectRefused(absl::StrCat(text, Named("more"), "~"));
  ExpectRefused(text, crypto::Ed25519PrivateKey::Generate().PublicKey());
  EXPECT_FALSE(VerifySdJwt(text, Key(), "vc+sd-jwt").ok());
}

// The key says that it is Ed25519; nothing else verifies under any of ours.
TEST(SdJwt, RefusesOtherAlgorithms) {
  const auto es256 = crypto::Es256PrivateKey::Generate();
  ExpectRefused(SignCompact(es256, kType, R"({"_sd":[],"_sd_alg":"sha-256"})") +
                "~");
  const std::string kid(kRfc8037Thumbprint);
  for (const char* alg : {"none", "HS256", "ES256", "Ed25519", "eddsa"}) {
    std::string token =
        absl::StrCat(Disclosure(absl::StrCat(R"({"alg":")", alg, R"(","kid":")",
                                             kid, R"(","typ":"dc+sd-jwt"})")),
                     ".", Disclosure(R"({"_sd":[],"_sd_alg":"sha-256"})"));
    token += "." + Base64UrlEncode(Rfc8037Key().Sign(AsBytes(token)));
    ExpectRefused(token + "~");
  }
}

// Each is signed well, so only the digests can be the reason.
TEST(SdJwt, RefusesOtherLists) {
  const std::string digest = DisclosureDigest(Named("a"));
  for (const std::string& payload :
       {std::string("{}"), std::string(R"({"_sd_alg":"sha-256"})"),
        std::string(R"({"_sd":[]})"),
        std::string(R"({"_sd":[],"_sd_alg":"sha-512"})"),
        std::string(R"({"_sd":[],"_sd_alg":"SHA-256"})"),
        std::string(R"({"_sd":{},"_sd_alg":"sha-256"})"),
        std::string(R"({"_sd":[1],"_sd_alg":"sha-256"})"),
        std::string(R"({"_sd":["a"],"_sd_alg":"sha-256"})"),
        absl::StrCat(R"({"_sd":[")", digest, R"(",")", digest,
                     R"("],"_sd_alg":"sha-256"})"),
        std::string(R"({"_sd":[],"_sd_alg":"sha-256","o":{"_sd":[]}})"),
        std::string(R"({"_sd":[],"_sd_alg":"sha-256","l":[{"...":"x"}]})"),
        std::string(R"({"_sd":[],"_sd_alg":"sha-256","...":1})"),
        std::string(R"({"_sd":[],"_sd":[],"_sd_alg":"sha-256"})"),
        std::string("[]")}) {
    ExpectRefused(SignCompact(Rfc8037Key(), kType, payload) + "~");
  }
}

// The same for disclosures, each of which was signed.
TEST(SdJwt, RefusesOtherDisclosures) {
  EXPECT_THAT(VerifySdJwt(Signed({Named("a"), Named("b")}), Key(), kType),
              IsOk());
  for (const std::string& bad :
       {Named("_sd"), Named("_sd_alg"), Named("..."),
        Named("a", R"({"_sd":[]})"), Named("a", R"([{"...":"x"}])"),
        Named("a", R"({"b":1,"b":2})"), Named("a", "[[[[[[[[[]]]]]]]]]"),
        Disclosure(R"(["AAECAwQFBgcICQoLDA0OD","a",1])"),
        Disclosure(R"([7,"a",1])"),
        Disclosure(R"(["AAECAwQFBgcICQoLDA0ODw",7,1])"),
        Disclosure(R"(["AAECAwQFBgcICQoLDA0ODw","a"])"),
        Disclosure(R"(["AAECAwQFBgcICQoLDA0ODw","a",1,2])"),
        Disclosure(R"({"a":1})"), Disclosure("[]"), std::string("%%%"),
        Named("a") + "="}) {
    ExpectRefused(Signed({bad}));
  }
  // One name twice, under two salts, and one that stands open.
  ExpectRefused(Signed({Named("a"), Named("a", "2")}));
  ExpectRefused(Signed({Named("iss")}, R"(,"iss":"somebody")"));
}

TEST(SdJwt, HasAtMostSixteenDisclosuresAnd8192Bytes) {
  std::vector<std::string> many;
  while (many.size() < kMaxDisclosures) {
    many.push_back(Named(absl::StrCat("a", many.size())));
  }
  EXPECT_THAT(VerifySdJwt(Signed(many), Key(), kType), IsOk());
  many.push_back(Named("b"));
  ExpectRefused(Signed(many));
  const std::string fits =
      Signed({Named("a", "\"" + std::string(5'500, 'x') + "\"")});
  ASSERT_LE(fits.size(), kMaxSdJwtBytes);
  EXPECT_THAT(VerifySdJwt(fits, Key(), kType), IsOk());
  const std::string over =
      Signed({Named("a", "\"" + std::string(6'000, 'x') + "\"")});
  ASSERT_GT(over.size(), kMaxSdJwtBytes);
  ExpectRefused(over);
}

}  // namespace
}  // namespace limpid::jose

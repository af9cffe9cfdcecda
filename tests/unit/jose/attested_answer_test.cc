#include "common/jose/attested_answer.h"

#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/jose/sd_jwt.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/jose/rfc8037.h"

namespace limpid::jose {
namespace {

using json::Value;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

const absl::Time kIssued = absl::FromUnixSeconds(1'767'225'600);
constexpr std::string_view kVault = "src_ucq2fi5euwtkpkfjvkv2zlnov4";
constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kNotForYou = absl::StatusCode::kFailedPrecondition;

AttestedAnswer Answer() {
  AttestedAnswer out;
  out.issuer = std::string(kVault);
  out.audience.fill(1);
  out.nonce.fill(2);
  out.id.fill(3);
  out.issued_at = kIssued;
  out.expires_at = kIssued + kMaxAnswerLife;
  out.attribute = "person.birth_date";
  out.derivation = "over_n/1";
  out.parameters = Value::Object({{"n", Value(18)}});
  out.value = Value(true);
  return out;
}

std::string Minted(const AttestedAnswer& answer = Answer()) {
  return Mint(Rfc8037Key(), answer, crypto::SystemRandom());
}

absl::StatusOr<AttestedAnswer> Verified(std::string_view text,
                                        ExpectedAnswer expected = {kVault,
                                                                   kIssued}) {
  return VerifyAttestedAnswer(text, Rfc8037Key().PublicKey(), expected);
}

TEST(AttestedAnswer, SaysWhatWasAskedAndAnswered) {
  const auto answer = Verified(Minted());
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(answer->issuer, kVault);
  EXPECT_EQ(answer->audience, Answer().audience);
  EXPECT_EQ(answer->nonce, Answer().nonce);
  EXPECT_EQ(answer->id, Answer().id);
  EXPECT_EQ(answer->attribute, "person.birth_date");
  EXPECT_EQ(answer->derivation, "over_n/1");
  EXPECT_EQ(json::Canonical(answer->parameters), R"({"n":18})");
  EXPECT_EQ(answer->value, Value(true));
  EXPECT_EQ(answer->issued_at, kIssued);
  EXPECT_EQ(answer->expires_at, kIssued + absl::Seconds(60));
}

TEST(AttestedAnswer, IsOverAfterItsMinute) {
  const std::string text = Minted();
  EXPECT_THAT(Verified(text, {kVault, kIssued + absl::Milliseconds(59'999)}),
              IsOk());
  EXPECT_THAT(Verified(text, {kVault, kIssued + absl::Seconds(60)}),
              StatusSays(kNotForYou, "expired"));
  EXPECT_THAT(Verified(text, {kVault, kIssued - absl::Seconds(30)}), IsOk());
  EXPECT_THAT(Verified(text, {kVault, kIssued - absl::Milliseconds(30'001)}),
              StatusSays(kNotForYou, "future"));
}

TEST(AttestedAnswer, IsForOneServiceAndOneRequest) {
  const std::string text = Minted();
  base::Digest32 audience = Answer().audience;
  base::ByteArray<16> nonce = Answer().nonce;
  EXPECT_THAT(Verified(text, {kVault, kIssued, audience, nonce}), IsOk());
  audience[31] ^= 1;
  EXPECT_THAT(Verified(text, {kVault, kIssued, audience}),
              StatusSays(kNotForYou, "another service"));
  nonce[15] ^= 1;
  EXPECT_THAT(Verified(text, {kVault, kIssued, std::nullopt, nonce}),
              StatusSays(kNotForYou, "another request"));
  EXPECT_THAT(Verified(text, {"src_other", kIssued}),
              StatusSays(kNotForYou, "another vault"));
}

TEST(AttestedAnswer, WithoutItsDisclosureSaysNothing) {
  const std::string text = Minted();
  const std::string bare = text.substr(0, text.find('~') + 1);
  EXPECT_THAT(Verified(bare), StatusIs(kDataLoss));
  // Not even which birthday was asked about.
  const std::string payload = base::ToText(*base::Base64UrlDecode(
      bare.substr(bare.find('.') + 1, bare.rfind('.') - bare.find('.') - 1)));
  EXPECT_EQ(payload.find("birth"), std::string::npos);
  EXPECT_EQ(payload.find("true"), std::string::npos);
}

// Another answer's disclosure is not this one's.
TEST(AttestedAnswer, DisclosuresCannotBeExchanged) {
  AttestedAnswer no = Answer();
  no.value = Value(false);
  const std::string yes = Minted();
  const std::string other = Minted(no);
  EXPECT_THAT(
      Verified(yes.substr(0, yes.find('~')) + other.substr(other.find('~'))),
      StatusIs(kDataLoss));
}

// Signed well by the same key, and still no answer.
TEST(AttestedAnswer, RefusesOtherClaims) {
  const auto signed_text = [](const std::function<void(Value&)>& open,
                              const std::function<void(Value&)>& said) {
    const auto claims =
        VerifySdJwt(Minted(), Rfc8037Key().PublicKey(), kAttestedAnswerType);
    Value changed = claims->open;
    open(changed);
    Value answer = *claims->disclosed.Find("answer");
    said(answer);
    const std::vector<json::Member> hidden = {{"answer", answer}};
    return IssueSdJwt(Rfc8037Key(), kAttestedAnswerType, std::move(changed),
                      hidden, crypto::SystemRandom());
  };
  const auto nothing = [](Value&) {};
  EXPECT_THAT(Verified(signed_text(nothing, nothing)), IsOk());
  const std::vector<std::function<void(Value&)>> opens = {
      [](Value& v) { v.Set("sub", "somebody"); },
      [](Value& v) { v.Set("exp", 1'767'225'661); },
      [](Value& v) { v.Set("exp", 1'767'225'600); },
      [](Value& v) { v.Set("exp", "1767225660"); },
      [](Value& v) { v.Set("exp", *Value::FromDouble(1'767'225'659.5)); },
      [](Value& v) { v.Set("iat", -1); },
      [](Value& v) { v.Set("aud", "AAAA"); },
      [](Value& v) { v.Set("jti", ""); },
      [](Value& v) { v.Set("nonce", 7); },
      [](Value& v) { v.Set("vct", "urn:limpid:answer:"); },
      [](Value& v) { v.Set("vct", "urn:other:over_n/1"); },
      [](Value& v) { v.Remove("aud"); },
      [](Value& v) { v.Remove("exp"); },
      [](Value& v) { v.Remove("iat"); },
      [](Value& v) { v.Remove("iss"); },
      [](Value& v) { v.Remove("jti"); },
      [](Value& v) { v.Remove("nonce"); },
      [](Value& v) { v.Remove("vct"); }};
  for (const auto& change : opens) {
    EXPECT_THAT(Verified(signed_text(change, nothing)), StatusIs(kDataLoss));
  }
  const std::vector<std::function<void(Value&)>> answers = {
      [](Value& v) { v = Value(true); },
      [](Value& v) { v.Remove("attribute"); },
      [](Value& v) { v.Remove("parameters"); },
      [](Value& v) { v.Remove("value"); },
      [](Value& v) { v.Set("attribute", ""); },
      [](Value& v) { v.Set("parameters", "{}"); },
      [](Value& v) { v.Set("person", "somebody"); }};
  for (const auto& change : answers) {
    EXPECT_THAT(Verified(signed_text(nothing, change)), StatusIs(kDataLoss));
  }
}

// The text of the line "name = text" of the page.
std::string Example(std::string_view name) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  const auto page = std::filesystem::path(root == nullptr ? "." : root) /
                    "docs/formats/attested-answer.md";
  const std::string text = testing::ReadFile(page);
  std::istringstream lines(text.substr(text.find("## Worked example")));
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (equals == std::string::npos) continue;
    const std::string left = line.substr(0, line.find(' '));
    if (left == name) return line.substr(equals + 3);
  }
  ADD_FAILURE() << "no example named " << name;
  return "";
}

TEST(AttestedAnswerExample, IsReadAsThePageSays) {
  const std::string iss = Example("iss");
  const auto answer = Verified(Example("answer"), {iss, kIssued});
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ(base::Base64UrlEncode(answer->audience), Example("aud"));
  EXPECT_EQ(base::Base64UrlEncode(answer->nonce), Example("nonce"));
  EXPECT_EQ(base::Base64UrlEncode(answer->id), Example("jti"));
  EXPECT_EQ(std::to_string(absl::ToUnixSeconds(answer->issued_at)),
            Example("iat"));
  EXPECT_EQ(std::to_string(absl::ToUnixSeconds(answer->expires_at)),
            Example("exp"));
  EXPECT_EQ(answer->value, Value(true));
  EXPECT_EQ(DisclosureDigest(
                base::Base64UrlEncode(base::AsBytes(Example("disclosure")))),
            Example("digest"));
  // What we make of it differs in the salt, the digest and the signature.
  EXPECT_EQ(Minted(*answer).size(), Example("answer").size());
}

}  // namespace
}  // namespace limpid::jose

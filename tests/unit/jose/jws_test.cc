#include "common/jose/jws.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/es256.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/jose/rfc8037.h"

namespace limpid::jose {
namespace {

using base::AsBytes;
using base::Base64UrlEncode;
using testing::IsOk;
using testing::StatusSays;

constexpr std::string_view kType = "test+jwt";
constexpr std::string_view kPayload = R"({"a":1})";

// RFC 8037 appendix A.4.
constexpr std::string_view kRfcSigned =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
constexpr std::string_view kRfcSignature =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt"
    "9g7sVvpAr_MuM0KAg";

PublicJwk RfcJwk() { return PublicJwk(Rfc8037Key().PublicKey()); }

void ExpectRefused(std::string_view token, const PublicJwk& key = RfcJwk()) {
  EXPECT_THAT(
      VerifyCompact(token, key, kType),
      StatusSays(absl::StatusCode::kUnauthenticated, "the token is not valid"))
      << token;
}

// A token with any header, signed well.
std::string SignedWithHeader(std::string_view header,
                             std::string_view payload = kPayload) {
  std::string token = absl::StrCat(Base64UrlEncode(AsBytes(header)), ".",
                                   Base64UrlEncode(AsBytes(payload)));
  const auto signature = Rfc8037Key().Sign(AsBytes(token));
  return absl::StrCat(token, ".", Base64UrlEncode(signature));
}

std::string Header(const std::string& more = "", const char* alg = "EdDSA") {
  return absl::StrCat(R"({"alg":")", alg, R"(","kid":")",
                      std::string(kRfc8037Thumbprint), R"(","typ":"test+jwt")",
                      more, "}");
}

TEST(Jws, SignatureMatchesRfc8037A4) {
  EXPECT_EQ(Base64UrlEncode(Rfc8037Key().Sign(AsBytes(kRfcSigned))),
            kRfcSignature);
}

TEST(Jws, SignatureVerifiesAsInRfc8037A5) {
  EXPECT_TRUE(RfcJwk().Verify(AsBytes(kRfcSigned),
                              *base::Base64UrlDecode(kRfcSignature)));
}

// Its header has neither kid nor typ.
TEST(VerifyCompact, RefusesTheTokenOfRfc8037ForItsHeader) {
  ExpectRefused(
      absl::StrCat(std::string(kRfcSigned), ".", std::string(kRfcSignature)));
}

TEST(VerifyCompact, GivesThePayloadOfBothKindsOfKey) {
  const auto ed25519 = crypto::Ed25519PrivateKey::Generate();
  const auto payload = VerifyCompact(SignCompact(ed25519, kType, kPayload),
                                     PublicJwk(ed25519.PublicKey()), kType);
  ASSERT_THAT(payload, IsOk());
  EXPECT_EQ(*payload, kPayload);
  const auto es256 = crypto::Es256PrivateKey::Generate();
  EXPECT_EQ(*VerifyCompact(SignCompact(es256, kType, kPayload),
                           PublicJwk(es256.PublicKey()), kType),
            kPayload);
}

TEST(VerifyCompact, RefusesEveryChangedCharacter) {
  const std::string token = SignCompact(Rfc8037Key(), kType, kPayload);
  ASSERT_THAT(VerifyCompact(token, RfcJwk(), kType), IsOk());
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'B', '.', '=', '+', ' ', '\0'}) {
      std::string bad = token;
      if (bad[i] == other) continue;
      bad[i] = other;
      ExpectRefused(bad);
    }
  }
}

TEST(VerifyCompact, RefusesOtherForms) {
  const std::string token = SignCompact(Rfc8037Key(), kType, kPayload);
  ExpectRefused("");
  ExpectRefused(".");
  ExpectRefused("..");
  ExpectRefused("...");
  ExpectRefused("a");
  ExpectRefused(token + ".");
  ExpectRefused(token + ".AA");
  ExpectRefused("." + token);
  ExpectRefused(token + "=");
  ExpectRefused(token + "\n");
  ExpectRefused(token.substr(0, token.rfind('.')));
  ExpectRefused(token.substr(0, token.rfind('.') + 1));
}

TEST(VerifyCompact, RefusesAnotherKeyOrType) {
  const std::string token = SignCompact(Rfc8037Key(), kType, kPayload);
  ExpectRefused(token,
                PublicJwk(crypto::Ed25519PrivateKey::Generate().PublicKey()));
  ExpectRefused(token,
                PublicJwk(crypto::Es256PrivateKey::Generate().PublicKey()));
  ExpectRefused(SignCompact(Rfc8037Key(), "other+jwt", kPayload));
}

TEST(VerifyCompact, TakesAHeaderThatIsNotCanonical) {
  EXPECT_THAT(VerifyCompact(SignedWithHeader(" " + Header()), RfcJwk(), kType),
              IsOk());
}

// Each is signed well, so only the header can be the reason.
TEST(VerifyCompact, RefusesEveryOtherHeader) {
  const std::string kid(kRfc8037Thumbprint);
  for (const std::string& header :
       {Header("", "none"),
        Header("", "None"),
        Header("", "HS256"),
        Header("", "ES256"),
        Header("", "Ed25519"),
        Header("", "eddsa"),
        Header(R"(,"crit":["exp"])"),
        Header(R"(,"jwk":{})"),
        Header(R"(,"jku":"https://example.org/")"),
        Header(R"(,"x5c":[])"),
        Header(R"(,"x5u":"https://example.org/")"),
        Header(R"(,"b64":false)"),
        Header(R"(,"zip":"DEF")"),
        Header(R"(,"alg":"EdDSA")"),
        Header(R"(,"kid":")" + kid + "\""),
        absl::StrCat(R"({"alg":"EdDSA","kid":")", kid, R"("})"),
        std::string(R"({"alg":"EdDSA","typ":"test+jwt"})"),
        absl::StrCat(R"({"kid":")", kid, R"(","typ":"test+jwt"})"),
        std::string(R"({"alg":"EdDSA","kid":"other","typ":"test+jwt"})"),
        absl::StrCat(R"({"alg":"EdDSA","kid":")", kid,
                     R"(","typ":"TEST+jwt"})"),
        absl::StrCat(R"({"alg":["EdDSA"],"kid":")", kid,
                     R"(","typ":"test+jwt"})"),
        std::string("[]"),
        std::string("null"),
        std::string(),
        Header() + " {}",
        std::string("\xff")}) {
    ExpectRefused(SignedWithHeader(header));
  }
}

TEST(VerifyCompact, RefusesATokenOverTheSize) {
  // 3 bytes give 4 characters; the rest of the token is under 300.
  const std::string fits = SignedWithHeader(Header(), std::string(2'700, 'a'));
  ASSERT_LE(fits.size(), kMaxTokenBytes);
  EXPECT_THAT(VerifyCompact(fits, RfcJwk(), kType), IsOk());
  const std::string over = SignedWithHeader(Header(), std::string(3'000, 'a'));
  ASSERT_GT(over.size(), kMaxTokenBytes);
  ExpectRefused(over);
}

TEST(UnverifiedKeyId, IsWhatTheHeaderSays) {
  EXPECT_EQ(*UnverifiedKeyId(SignCompact(Rfc8037Key(), kType, kPayload)),
            kRfc8037Thumbprint);
  for (const char* bad : {"", "a.b.c", "e30.e30.AA"}) {
    EXPECT_FALSE(UnverifiedKeyId(bad).ok());
  }
}

}  // namespace
}  // namespace limpid::jose

#include "common/jose/tokens.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/es256.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/jose/rfc8037.h"

namespace limpid::jose {
namespace {

using crypto::Ed25519PrivateKey;
using json::Value;
using testing::IsOk;
using testing::StatusSays;

const absl::Time kNow = absl::FromUnixMillis(1'767'225'600'123);
const absl::Duration kTick = absl::Milliseconds(1);
constexpr std::string_view kOperator = "example operator";
constexpr std::string_view kMethod =
    "/limpid.consent.v1.RecordService/Withdraw";
constexpr std::string_view kSource = "src_aaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kHolder = "hld_aaaaaaaaaaaaaaaaaaaaaaaaaa";

PublicJwk PersonJwk() { return PublicJwk(Rfc8037Key().PublicKey()); }

// What a payload of ours says, to be damaged and signed again.
Value ClaimsOf(std::string_view token) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  const auto text =
      base::Base64UrlDecode(token.substr(first + 1, last - first - 1));
  return *json::ParseStrict(base::AsText(*text));
}

double Seconds(absl::Time time) {
  return static_cast<double>(absl::ToUnixMillis(time)) / 1000.0;
}

Value Number(double value) { return *Value::FromDouble(value); }

Expected Call(absl::Time now = kNow) { return {kOperator, kMethod, now}; }

// --- Person tokens.

std::string PersonToken() {
  return Mint(Rfc8037Key(), NewKeyBoundToken(kOperator, kMethod, kNow));
}

absl::StatusOr<KeyBoundToken> VerifyPerson(const Value& claims,
                                           const Expected& expected = Call()) {
  return VerifyKeyBoundToken(
      SignCompact(Rfc8037Key(), kKeyBoundTokenType, json::Canonical(claims)),
      PersonJwk(), expected);
}

void ExpectPersonRefused(const Value& claims, const char* why) {
  EXPECT_THAT(VerifyPerson(claims),
              StatusSays(absl::StatusCode::kUnauthenticated, why));
}

// The claims of a good token with one replaced.
template <typename T>
Value PersonClaimsWith(std::string_view name, T&& value) {
  Value claims = ClaimsOf(PersonToken());
  claims.Set(name, std::forward<T>(value));
  return claims;
}

TEST(KeyBoundToken, SurvivesMintAndVerify) {
  const KeyBoundToken token = NewKeyBoundToken(kOperator, kMethod, kNow);
  const auto verified =
      VerifyKeyBoundToken(Mint(Rfc8037Key(), token), PersonJwk(), Call());
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->audience, kOperator);
  EXPECT_EQ(verified->method, kMethod);
  EXPECT_EQ(verified->id, token.id);
  EXPECT_EQ(verified->issued_at, kNow);
  EXPECT_EQ(verified->expires_at, kNow + kMaxProofLife);
}

TEST(KeyBoundToken, CarriesAFreshId) {
  EXPECT_NE(NewKeyBoundToken(kOperator, kMethod, kNow).id,
            NewKeyBoundToken(kOperator, kMethod, kNow).id);
}

TEST(KeyBoundToken, IsRefusedForAnotherReceiver) {
  Expected other = Call();
  other.audience = "another operator";
  EXPECT_THAT(
      VerifyKeyBoundToken(PersonToken(), PersonJwk(), other),
      StatusSays(absl::StatusCode::kUnauthenticated, "another receiver"));
}

TEST(KeyBoundToken, IsRefusedForAnotherMethod) {
  Expected other = Call();
  other.method = "/limpid.consent.v1.RecordService/Grant";
  EXPECT_THAT(VerifyKeyBoundToken(PersonToken(), PersonJwk(), other),
              StatusSays(absl::StatusCode::kUnauthenticated, "another method"));
}

TEST(KeyBoundToken, IsRefusedUnderAnotherKey) {
  EXPECT_THAT(
      VerifyKeyBoundToken(PersonToken(),
                          PublicJwk(Ed25519PrivateKey::Generate().PublicKey()),
                          Call()),
      StatusSays(absl::StatusCode::kUnauthenticated, "the token is not valid"));
}

TEST(KeyBoundToken, IsRefusedWithAnotherType) {
  for (const std::string_view typ : {kSourceTokenType, kProofType}) {
    const std::string token = SignCompact(
        Rfc8037Key(), typ, json::Canonical(ClaimsOf(PersonToken())));
    EXPECT_THAT(VerifyKeyBoundToken(token, PersonJwk(), Call()),
                StatusSays(absl::StatusCode::kUnauthenticated,
                           "the token is not valid"));
  }
}

TEST(KeyBoundToken, MayBeThirtySecondsAheadAndNoMore) {
  const Value claims = ClaimsOf(PersonToken());
  EXPECT_THAT(VerifyPerson(claims, Call(kNow - kMaxClockSkew)), IsOk());
  EXPECT_THAT(
      VerifyPerson(claims, Call(kNow - kMaxClockSkew - kTick)),
      StatusSays(absl::StatusCode::kUnauthenticated, "from the future"));
}

TEST(KeyBoundToken, MayBeThirtySecondsOverAndNoMore) {
  const Value claims = ClaimsOf(PersonToken());
  const absl::Time end = kNow + kMaxProofLife + kMaxClockSkew;
  EXPECT_THAT(VerifyPerson(claims, Call(end - kTick)), IsOk());
  EXPECT_THAT(VerifyPerson(claims, Call(end)),
              StatusSays(absl::StatusCode::kUnauthenticated, "expired"));
}

TEST(KeyBoundToken, LivesSixtySecondsAndNoMore) {
  EXPECT_THAT(
      VerifyPerson(PersonClaimsWith("exp", Number(Seconds(kNow) + 60.0))),
      IsOk());
  ExpectPersonRefused(
      PersonClaimsWith("exp", Number(Seconds(kNow + kMaxProofLife + kTick))),
      "lives longer");
  ExpectPersonRefused(PersonClaimsWith("exp", Number(Seconds(kNow))),
                      "lives longer");
  ExpectPersonRefused(PersonClaimsWith("exp", Number(Seconds(kNow) - 1.0)),
                      "lives longer");
}

TEST(KeyBoundToken, IsRefusedWhenOlderThanTheProcess) {
  const Value claims = ClaimsOf(PersonToken());
  Expected expected = Call();
  expected.not_issued_before = kNow;
  EXPECT_THAT(VerifyPerson(claims, expected), IsOk());
  expected.not_issued_before = kNow + kTick;
  EXPECT_THAT(
      VerifyPerson(claims, expected),
      StatusSays(absl::StatusCode::kUnauthenticated, "older than the server"));
}

TEST(KeyBoundToken, IsRefusedWithoutAnyOneClaimOrWithOneMore) {
  for (const char* name : {"aud", "exp", "iat", "jti", "mth"}) {
    Value claims = ClaimsOf(PersonToken());
    ASSERT_TRUE(claims.Remove(name));
    ExpectPersonRefused(claims, "claims are not as expected");
    ExpectPersonRefused(PersonClaimsWith(name, true),
                        "claims are not as expected");
  }
  ExpectPersonRefused(PersonClaimsWith("sub", kHolder),
                      "claims are not as expected");
}

TEST(KeyBoundToken, IsRefusedWithAClaimTwice) {
  std::string text = json::Canonical(ClaimsOf(PersonToken()));
  text.insert(1, R"("aud":"example operator",)");
  EXPECT_THAT(
      VerifyKeyBoundToken(SignCompact(Rfc8037Key(), kKeyBoundTokenType, text),
                          PersonJwk(), Call()),
      StatusSays(absl::StatusCode::kUnauthenticated, "claims"));
}

TEST(KeyBoundToken, IsRefusedWithBadTimes) {
  for (const double bad : {-1.0, 1e300, Seconds(kNow) + 0.0005}) {
    ExpectPersonRefused(PersonClaimsWith("iat", Number(bad)), "claims");
    ExpectPersonRefused(PersonClaimsWith("exp", Number(bad)), "claims");
  }
  ExpectPersonRefused(PersonClaimsWith("iat", "1767225600"), "claims");
}

TEST(KeyBoundToken, IsRefusedWithABadId) {
  for (const char* bad :
       {"", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA==", "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAAAAA"}) {
    ExpectPersonRefused(PersonClaimsWith("jti", bad), "claims");
  }
}

// --- Source tokens and proofs.

const Ed25519PrivateKey& ConsentKey() {
  static const Ed25519PrivateKey key = Ed25519PrivateKey::Generate();
  return key;
}

SourceToken NewSourceToken() {
  return {std::string(kSource), std::string(kHolder), PersonJwk(), kNow,
          kNow + kMaxSourceTokenLife};
}

Expected AtSource(absl::Time now = kNow) { return {kSource, kMethod, now}; }

absl::StatusOr<SourceToken> VerifySource(const Value& claims,
                                         const Expected& expected) {
  return VerifySourceToken(
      SignCompact(ConsentKey(), kSourceTokenType, json::Canonical(claims)),
      PublicJwk(ConsentKey().PublicKey()), expected);
}

TEST(SourceToken, SurvivesMintAndVerify) {
  const auto verified =
      VerifySourceToken(Mint(ConsentKey(), NewSourceToken()),
                        PublicJwk(ConsentKey().PublicKey()), AtSource());
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->audience, kSource);
  EXPECT_EQ(verified->holder, kHolder);
  EXPECT_EQ(verified->key.Thumbprint(), PersonJwk().Thumbprint());
  EXPECT_EQ(verified->issued_at, kNow);
  EXPECT_EQ(verified->expires_at, kNow + kMaxSourceTokenLife);
}

TEST(SourceToken, CarriesAP256KeyAsWell) {
  SourceToken token = NewSourceToken();
  token.key = PublicJwk(crypto::Es256PrivateKey::Generate().PublicKey());
  EXPECT_THAT(
      VerifySourceToken(Mint(ConsentKey(), token),
                        PublicJwk(ConsentKey().PublicKey()), AtSource()),
      IsOk());
}

TEST(SourceToken, IsRefusedAtAnotherSourceOrOutOfItsTime) {
  const Value claims = ClaimsOf(Mint(ConsentKey(), NewSourceToken()));
  Expected other = AtSource();
  other.audience = "src_other";
  EXPECT_THAT(
      VerifySource(claims, other),
      StatusSays(absl::StatusCode::kUnauthenticated, "another receiver"));
  const absl::Time end = kNow + kMaxSourceTokenLife + kMaxClockSkew;
  EXPECT_THAT(VerifySource(claims, AtSource(end - kTick)), IsOk());
  EXPECT_THAT(VerifySource(claims, AtSource(end)),
              StatusSays(absl::StatusCode::kUnauthenticated, "expired"));
  EXPECT_THAT(
      VerifySource(claims, AtSource(kNow - kMaxClockSkew - kTick)),
      StatusSays(absl::StatusCode::kUnauthenticated, "from the future"));
}

TEST(SourceToken, OutlivesARestartOfTheSource) {
  const Value claims = ClaimsOf(Mint(ConsentKey(), NewSourceToken()));
  Expected expected = AtSource();
  expected.not_issued_before = kNow + kTick;
  EXPECT_THAT(VerifySource(claims, expected), IsOk());
}

TEST(SourceToken, LivesFiveMinutesAndNoMore) {
  SourceToken token = NewSourceToken();
  token.expires_at += kTick;
  EXPECT_THAT(VerifySource(ClaimsOf(Mint(ConsentKey(), token)), AtSource()),
              StatusSays(absl::StatusCode::kUnauthenticated, "lives longer"));
}

TEST(SourceToken, IsRefusedByAnotherIssuer) {
  EXPECT_THAT(
      VerifySourceToken(Mint(Rfc8037Key(), NewSourceToken()),
                        PublicJwk(ConsentKey().PublicKey()), AtSource()),
      StatusSays(absl::StatusCode::kUnauthenticated, "the token is not valid"));
}

TEST(SourceToken, IsRefusedWithoutAnyOneClaimOrWithABadKey) {
  const Value good = ClaimsOf(Mint(ConsentKey(), NewSourceToken()));
  const auto refused = [](const Value& claims) {
    EXPECT_THAT(VerifySource(claims, AtSource()),
                StatusSays(absl::StatusCode::kUnauthenticated, "claims"));
  };
  for (const char* name : {"aud", "cnf", "exp", "iat", "sub"}) {
    Value claims = good;
    ASSERT_TRUE(claims.Remove(name));
    refused(claims);
  }
  for (const char* confirmation :
       {R"({})", R"({"jkt":"AA"})", R"({"jwk":{}})", R"({"jwk":"x"})", R"("")",
        R"({"jwk":{"kty":"oct","k":"AA"}})"}) {
    Value claims = good;
    claims.Set("cnf", *json::ParseStrict(confirmation));
    refused(claims);
  }
  Value claims = good;
  claims.Set("sub", "");
  refused(claims);
  claims = good;
  claims.Set("jti", "AA");
  refused(claims);
}

struct Presented {
  std::string source_token = Mint(ConsentKey(), NewSourceToken());
  std::string proof =
      Mint(Rfc8037Key(), NewProof(kSource, kMethod, source_token, kNow));
};

absl::StatusOr<Proof> VerifyPresented(const Presented& presented,
                                      const Expected& expected = AtSource()) {
  return VerifyProof(presented.proof, NewSourceToken(), presented.source_token,
                     expected);
}

Presented PresentedWith(std::string_view name, Value value) {
  Presented out;
  Value claims = ClaimsOf(out.proof);
  claims.Set(name, std::move(value));
  out.proof = SignCompact(Rfc8037Key(), kProofType, json::Canonical(claims));
  return out;
}

TEST(Proof, SurvivesMintAndVerify) {
  const Presented presented;
  const auto proof = VerifyPresented(presented);
  ASSERT_THAT(proof, IsOk());
  EXPECT_EQ(proof->audience, kSource);
  EXPECT_EQ(proof->method, kMethod);
  EXPECT_EQ(proof->issued_at, kNow);
  EXPECT_EQ(proof->expires_at, kNow + kMaxProofLife);
}

TEST(Proof, IsRefusedForAnotherSourceToken) {
  Presented presented;
  presented.source_token += "A";
  EXPECT_THAT(
      VerifyPresented(presented),
      StatusSays(absl::StatusCode::kUnauthenticated, "another source token"));
}

TEST(Proof, IsRefusedByAnotherKeyThanTheSourceTokens) {
  Presented presented;
  presented.proof = Mint(
      ConsentKey(), NewProof(kSource, kMethod, presented.source_token, kNow));
  EXPECT_THAT(
      VerifyPresented(presented),
      StatusSays(absl::StatusCode::kUnauthenticated, "the token is not valid"));
}

TEST(Proof, IsRefusedAtAnotherSourceMethodOrTime) {
  const Presented presented;
  Expected expected = AtSource();
  expected.audience = kOperator;
  EXPECT_THAT(
      VerifyPresented(presented, expected),
      StatusSays(absl::StatusCode::kUnauthenticated, "another receiver"));
  expected = AtSource();
  expected.method = "/other";
  EXPECT_THAT(VerifyPresented(presented, expected),
              StatusSays(absl::StatusCode::kUnauthenticated, "another method"));
  EXPECT_THAT(VerifyPresented(presented,
                              AtSource(kNow + kMaxProofLife + kMaxClockSkew)),
              StatusSays(absl::StatusCode::kUnauthenticated, "expired"));
  expected = AtSource();
  expected.not_issued_before = kNow + kTick;
  EXPECT_THAT(
      VerifyPresented(presented, expected),
      StatusSays(absl::StatusCode::kUnauthenticated, "older than the server"));
}

TEST(Proof, LivesSixtySecondsAndNoMore) {
  EXPECT_THAT(VerifyPresented(PresentedWith(
                  "exp", Number(Seconds(kNow + kMaxProofLife + kTick)))),
              StatusSays(absl::StatusCode::kUnauthenticated, "lives longer"));
}

TEST(Proof, IsRefusedWithABadClaim) {
  for (const char* name : {"ath", "aud", "exp", "iat", "jti", "mth"}) {
    EXPECT_THAT(VerifyPresented(PresentedWith(name, Value())),
                StatusSays(absl::StatusCode::kUnauthenticated, "claims"));
  }
  EXPECT_THAT(VerifyPresented(PresentedWith("sub", Value("x"))),
              StatusSays(absl::StatusCode::kUnauthenticated, "claims"));
}

}  // namespace
}  // namespace limpid::jose

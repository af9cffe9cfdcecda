#include "common/jose/tokens.h"

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/crypto/hash.h"
#include "common/crypto/random.h"
#include "common/jose/jws.h"
#include "common/json/json.h"

namespace limpid::jose {
namespace {

using base::AsBytes;
using json::Value;

constexpr double kMillisPerSecond = 1000.0;
// The year 9999; a NumericDate beyond is no date.
constexpr double kMaxNumericDate = 253'402'300'799.0;

absl::Status Refuse(std::string_view why) {
  return absl::UnauthenticatedError(base::ToAbsl(why));
}

absl::Status BadClaims() {
  return Refuse("the token's claims are not as expected");
}

absl::Time WholeMillis(absl::Time time) {
  return absl::FromUnixMillis(absl::ToUnixMillis(time));
}

// Seconds with at most three decimals (RFC 7519 section 2, NumericDate).
Value NumericDate(absl::Time time) {
  const auto seconds = Value::FromDouble(
      static_cast<double>(absl::ToUnixMillis(time)) / kMillisPerSecond);
  LIMPID_CHECK(seconds.ok());
  return *seconds;
}

absl::StatusOr<absl::Time> ReadNumericDate(const Value& claims,
                                           std::string_view name) {
  const Value* const value = claims.Find(name);
  if (value == nullptr || !value->is_number()) return BadClaims();
  const double seconds = value->number();
  if (seconds < 0 || seconds > kMaxNumericDate) return BadClaims();
  const std::int64_t millis = std::llround(seconds * kMillisPerSecond);
  if (static_cast<double>(millis) / kMillisPerSecond != seconds) {
    return BadClaims();
  }
  return absl::FromUnixMillis(millis);
}

absl::StatusOr<std::string> ReadText(const Value& claims,
                                     std::string_view name) {
  auto text = claims.GetString(name);
  if (!text.ok() || text->empty()) return BadClaims();
  return text;
}

template <std::size_t N>
absl::StatusOr<base::ByteArray<N>> ReadBytes(const Value& claims,
                                             std::string_view name) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, ReadText(claims, name));
  const auto bytes = base::Base64UrlDecode(text);
  if (!bytes.ok() || bytes->size() != N) return BadClaims();
  return base::ToArray<N>(*bytes);
}

// The payload of a token of type `typ` by `key`: an object of exactly `names`.
absl::StatusOr<Value> ReadClaims(
    std::string_view token, const PublicJwk& key, std::string_view typ,
    std::initializer_list<std::string_view> names) {
  LIMPID_ASSIGN_OR_RETURN(const std::string payload,
                          VerifyCompact(token, key, typ));
  auto claims = json::ParseStrict(payload);
  if (!claims.ok() || !claims->CheckOnlyKeys(names).ok()) return BadClaims();
  return claims;
}

struct Period {
  absl::Time issued_at;
  absl::Time expires_at;
};

absl::StatusOr<Period> CheckPeriod(const Value& claims, absl::Duration max_life,
                                   const Expected& expected) {
  LIMPID_ASSIGN_OR_RETURN(const absl::Time begin,
                          ReadNumericDate(claims, "iat"));
  LIMPID_ASSIGN_OR_RETURN(const absl::Time end, ReadNumericDate(claims, "exp"));
  if (end <= begin || end - begin > max_life) {
    return Refuse("the token lives longer than allowed");
  }
  if (begin > expected.now + kMaxClockSkew) {
    return Refuse("the token is from the future; check this device's clock");
  }
  if (expected.now >= end + kMaxClockSkew) {
    return Refuse("the token has expired; check this device's clock");
  }
  if (begin < expected.not_issued_before) {
    return Refuse("the token is older than the server's start; try again");
  }
  return Period{begin, end};
}

absl::StatusOr<std::string> CheckAudience(const Value& claims,
                                          const Expected& expected) {
  LIMPID_ASSIGN_OR_RETURN(std::string audience, ReadText(claims, "aud"));
  if (audience != expected.audience) {
    return Refuse("the token is for another receiver");
  }
  return audience;
}

absl::StatusOr<std::string> CheckMethod(const Value& claims,
                                        const Expected& expected) {
  LIMPID_ASSIGN_OR_RETURN(std::string method, ReadText(claims, "mth"));
  if (method != expected.method) {
    return Refuse("the token is for another method");
  }
  return method;
}

void SetPeriod(Value& claims, absl::Time issued_at, absl::Time expires_at) {
  claims.Set("iat", NumericDate(issued_at));
  claims.Set("exp", NumericDate(expires_at));
}

absl::StatusOr<PublicJwk> ReadConfirmationKey(const Value& claims) {
  const auto confirmation = claims.GetObject("cnf");
  if (!confirmation.ok() || !confirmation->CheckOnlyKeys({"jwk"}).ok()) {
    return BadClaims();
  }
  const auto jwk = confirmation->GetObject("jwk");
  if (!jwk.ok()) return BadClaims();
  auto key = PublicJwk::Parse(*jwk);
  if (!key.ok()) return BadClaims();
  return key;
}

}  // namespace

KeyBoundToken NewKeyBoundToken(std::string_view audience,
                               std::string_view method, absl::Time now) {
  return {std::string(audience), std::string(method),
          crypto::RandomArray<sizeof(TokenId)>(), WholeMillis(now),
          WholeMillis(now) + kMaxProofLife};
}

Proof NewProof(std::string_view audience, std::string_view method,
               std::string_view source_token, absl::Time now) {
  return {std::string(audience),
          std::string(method),
          crypto::Sha256(AsBytes(source_token)),
          crypto::RandomArray<sizeof(TokenId)>(),
          WholeMillis(now),
          WholeMillis(now) + kMaxProofLife};
}

std::string Mint(const crypto::Ed25519PrivateKey& key,
                 const KeyBoundToken& token) {
  Value claims = Value::Object();
  claims.Set("aud", token.audience);
  claims.Set("jti", base::Base64UrlEncode(token.id));
  claims.Set("mth", token.method);
  SetPeriod(claims, token.issued_at, token.expires_at);
  return SignCompact(key, kKeyBoundTokenType, json::Canonical(claims));
}

std::string Mint(const crypto::Ed25519PrivateKey& key,
                 const SourceToken& token) {
  Value confirmation = Value::Object();
  confirmation.Set("jwk", token.key.ToJson());
  Value claims = Value::Object();
  claims.Set("aud", token.audience);
  claims.Set("cnf", confirmation);
  claims.Set("sub", token.holder);
  SetPeriod(claims, token.issued_at, token.expires_at);
  return SignCompact(key, kSourceTokenType, json::Canonical(claims));
}

std::string Mint(const crypto::Ed25519PrivateKey& key, const Proof& proof) {
  Value claims = Value::Object();
  claims.Set("ath", base::Base64UrlEncode(proof.token_digest));
  claims.Set("aud", proof.audience);
  claims.Set("jti", base::Base64UrlEncode(proof.id));
  claims.Set("mth", proof.method);
  SetPeriod(claims, proof.issued_at, proof.expires_at);
  return SignCompact(key, kProofType, json::Canonical(claims));
}

absl::StatusOr<KeyBoundToken> VerifyKeyBoundToken(std::string_view token,
                                                  const PublicJwk& key,
                                                  const Expected& expected) {
  LIMPID_ASSIGN_OR_RETURN(const Value claims,
                          ReadClaims(token, key, kKeyBoundTokenType,
                                     {"aud", "exp", "iat", "jti", "mth"}));
  LIMPID_ASSIGN_OR_RETURN(std::string audience,
                          CheckAudience(claims, expected));
  LIMPID_ASSIGN_OR_RETURN(std::string method, CheckMethod(claims, expected));
  LIMPID_ASSIGN_OR_RETURN(const Period period,
                          CheckPeriod(claims, kMaxProofLife, expected));
  LIMPID_ASSIGN_OR_RETURN(const TokenId id,
                          ReadBytes<sizeof(TokenId)>(claims, "jti"));
  return KeyBoundToken{std::move(audience), std::move(method), id,
                       period.issued_at, period.expires_at};
}

absl::StatusOr<SourceToken> VerifySourceToken(std::string_view token,
                                              const PublicJwk& issuer,
                                              const Expected& expected) {
  LIMPID_ASSIGN_OR_RETURN(const Value claims,
                          ReadClaims(token, issuer, kSourceTokenType,
                                     {"aud", "cnf", "exp", "iat", "sub"}));
  LIMPID_ASSIGN_OR_RETURN(std::string audience,
                          CheckAudience(claims, expected));
  Expected any_start = expected;
  any_start.not_issued_before = absl::InfinitePast();
  LIMPID_ASSIGN_OR_RETURN(const Period period,
                          CheckPeriod(claims, kMaxSourceTokenLife, any_start));
  LIMPID_ASSIGN_OR_RETURN(std::string holder, ReadText(claims, "sub"));
  LIMPID_ASSIGN_OR_RETURN(PublicJwk key, ReadConfirmationKey(claims));
  return SourceToken{std::move(audience), std::move(holder), std::move(key),
                     period.issued_at, period.expires_at};
}

absl::StatusOr<Proof> VerifyProof(std::string_view proof,
                                  const SourceToken& source_token,
                                  std::string_view source_token_text,
                                  const Expected& expected) {
  LIMPID_ASSIGN_OR_RETURN(
      const Value claims,
      ReadClaims(proof, source_token.key, kProofType,
                 {"ath", "aud", "exp", "iat", "jti", "mth"}));
  LIMPID_ASSIGN_OR_RETURN(std::string audience,
                          CheckAudience(claims, expected));
  LIMPID_ASSIGN_OR_RETURN(std::string method, CheckMethod(claims, expected));
  LIMPID_ASSIGN_OR_RETURN(const Period period,
                          CheckPeriod(claims, kMaxProofLife, expected));
  LIMPID_ASSIGN_OR_RETURN(const auto digest, ReadBytes<32>(claims, "ath"));
  if (digest != crypto::Sha256(AsBytes(source_token_text))) {
    return Refuse("the proof is for another source token");
  }
  LIMPID_ASSIGN_OR_RETURN(const TokenId id,
                          ReadBytes<sizeof(TokenId)>(claims, "jti"));
  return Proof{std::move(audience), std::move(method), digest, id,
               period.issued_at,    period.expires_at};
}

}  // namespace limpid::jose

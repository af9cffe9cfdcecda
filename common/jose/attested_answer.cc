#include "common/jose/attested_answer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/base/text.h"
#include "common/jose/sd_jwt.h"
#include "common/jose/tokens.h"

namespace limpid::jose {
namespace {

using json::Value;

// With the derivation behind it, the type of the answer ("vct").
constexpr std::string_view kTypePrefix = "urn:limpid:answer:";
constexpr std::string_view kDisclosed = "answer";
// The year 9999.
constexpr std::int64_t kMaxSeconds = 253'402'300'799;

absl::Status NoAnswer() {
  return absl::DataLossError("this is no attested answer");
}

absl::Status NotForYou(std::string_view why) {
  return absl::FailedPreconditionError(base::ToAbsl(why));
}

template <std::size_t N>
absl::Status ReadBytes(const Value& claims, std::string_view name,
                       base::ByteArray<N>& out) {
  const auto text = claims.GetString(name);
  if (!text.ok()) return NoAnswer();
  const auto bytes = base::Base64UrlDecode(*text);
  if (!bytes.ok() || bytes->size() != N) return NoAnswer();
  LIMPID_ASSIGN_OR_RETURN(out, base::ToArray<N>(*bytes));
  return absl::OkStatus();
}

absl::Status ReadTime(const Value& claims, std::string_view name,
                      absl::Time& out) {
  const auto seconds = claims.GetInteger(name);
  if (!seconds.ok() || *seconds < 0 || *seconds > kMaxSeconds) {
    return NoAnswer();
  }
  out = absl::FromUnixSeconds(*seconds);
  return absl::OkStatus();
}

absl::Status ReadOpen(const Value& open, AttestedAnswer& out) {
  if (!open.CheckOnlyKeys({"aud", "exp", "iat", "iss", "jti", "nonce", "vct"})
           .ok()) {
    return NoAnswer();
  }
  LIMPID_RETURN_IF_ERROR(ReadBytes(open, "aud", out.audience));
  LIMPID_RETURN_IF_ERROR(ReadBytes(open, "jti", out.id));
  LIMPID_RETURN_IF_ERROR(ReadBytes(open, "nonce", out.nonce));
  LIMPID_RETURN_IF_ERROR(ReadTime(open, "iat", out.issued_at));
  LIMPID_RETURN_IF_ERROR(ReadTime(open, "exp", out.expires_at));
  auto issuer = open.GetString("iss");
  const auto type = open.GetString("vct");
  if (!issuer.ok() || !type.ok() || !type->starts_with(kTypePrefix) ||
      type->size() == kTypePrefix.size() || out.expires_at <= out.issued_at ||
      out.expires_at - out.issued_at > kMaxAnswerLife) {
    return NoAnswer();
  }
  out.issuer = *std::move(issuer);
  out.derivation = type->substr(kTypePrefix.size());
  return absl::OkStatus();
}

absl::Status ReadDisclosed(const Value& disclosed, AttestedAnswer& out) {
  const auto answer = disclosed.GetObject(kDisclosed);
  if (!disclosed.CheckOnlyKeys({kDisclosed}).ok() || !answer.ok() ||
      !answer->CheckOnlyKeys({"attribute", "parameters", "value"}).ok()) {
    return NoAnswer();
  }
  auto attribute = answer->GetString("attribute");
  auto parameters = answer->GetObject("parameters");
  const Value* const value = answer->Find("value");
  if (!attribute.ok() || attribute->empty() || !parameters.ok() ||
      value == nullptr) {
    return NoAnswer();
  }
  out.attribute = *std::move(attribute);
  out.parameters = *std::move(parameters);
  out.value = *value;
  return absl::OkStatus();
}

absl::Status CheckExpected(const AttestedAnswer& answer,
                           const ExpectedAnswer& expected) {
  if (answer.issuer != expected.issuer) {
    return NotForYou("the answer is another vault's");
  }
  if (expected.audience && answer.audience != *expected.audience) {
    return NotForYou("the answer was given to another service");
  }
  if (expected.nonce && answer.nonce != *expected.nonce) {
    return NotForYou("the answer is to another request");
  }
  if (answer.issued_at > expected.now + kMaxClockSkew) {
    return NotForYou("the answer is from the future; check this clock");
  }
  // No patience here: what is over is over.
  if (expected.now >= answer.expires_at) {
    return NotForYou("the answer has expired; ask for a new one");
  }
  return absl::OkStatus();
}

}  // namespace

std::string Mint(const crypto::Ed25519PrivateKey& key,
                 const AttestedAnswer& answer, crypto::RandomSource& random) {
  const std::int64_t begin = absl::ToUnixSeconds(answer.issued_at);
  const std::int64_t end = absl::ToUnixSeconds(answer.expires_at);
  LIMPID_CHECK(begin < end && end - begin <= kMaxAnswerLife / absl::Seconds(1));
  Value open = Value::Object();
  open.Set("aud", base::Base64UrlEncode(answer.audience))
      .Set("exp", end)
      .Set("iat", begin)
      .Set("iss", answer.issuer)
      .Set("jti", base::Base64UrlEncode(answer.id))
      .Set("nonce", base::Base64UrlEncode(answer.nonce))
      .Set("vct", absl::StrCat(base::ToAbsl(kTypePrefix), answer.derivation));
  // In one piece: an answer cannot be shown without its question.
  const std::array<json::Member, 1> hidden = {
      json::Member{std::string(kDisclosed),
                   Value::Object({{"attribute", Value(answer.attribute)},
                                  {"parameters", answer.parameters},
                                  {"value", answer.value}})}};
  return IssueSdJwt(key, kAttestedAnswerType, std::move(open), hidden, random);
}

absl::StatusOr<AttestedAnswer> VerifyAttestedAnswer(
    std::string_view text, const crypto::Ed25519PublicKey& key,
    const ExpectedAnswer& expected) {
  LIMPID_ASSIGN_OR_RETURN(const SdJwtClaims claims,
                          VerifySdJwt(text, key, kAttestedAnswerType));
  AttestedAnswer out;
  LIMPID_RETURN_IF_ERROR(ReadOpen(claims.open, out));
  LIMPID_RETURN_IF_ERROR(ReadDisclosed(claims.disclosed, out));
  LIMPID_RETURN_IF_ERROR(CheckExpected(out, expected));
  return out;
}

}  // namespace limpid::jose

#include "vault/connectors/source_statement.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/jose/jws.h"
#include "common/json/json.h"
#include "vault/attribute/definition.h"

namespace limpid::vault {
namespace {

using json::Value;

// Up to the end of the year 9999.
constexpr std::int64_t kMaxSeconds = 253'402'300'799;

// One sentence for whatever it was: a liar learns nothing of what is checked.
absl::Status NotAsAsked() {
  return absl::DataLossError("a source's answer is not what was asked");
}

struct Signed {
  Value claims;
  std::string by;
};

// The claims of a token of type `typ` by one of the source's keys.
absl::StatusOr<Signed> Open(std::string_view token, const SourceTrust& trust,
                            std::string_view typ) {
  for (const jose::PublicJwk& key : trust.keys) {
    const auto payload =
        jose::VerifyCompact(token, key, typ, kMaxStatementBytes);
    if (!payload.ok()) continue;
    auto claims = json::ParseStrict(*payload);
    if (!claims.ok() || !claims->is_object()) break;
    return Signed{*std::move(claims), key.Thumbprint()};
  }
  return NotAsAsked();
}

bool Says(const Value& claims, std::string_view name, std::string_view text) {
  const Value* const value = claims.Find(name);
  return value != nullptr && value->is_string() && value->string() == text;
}

// Exactly `names`, and who, whom and to what.
bool Repeats(const Value& claims, const SourceTrust& trust, const Asked& asked,
             std::initializer_list<std::string_view> names) {
  return claims.CheckOnlyKeys(names).ok() && claims.size() == names.size() &&
         Says(claims, "iss", trust.issuer) &&
         Says(claims, "aud", trust.audience) &&
         Says(claims, "sub", asked.subject) &&
         Says(claims, "nonce", base::Base64UrlEncode(asked.nonce));
}

std::optional<Holding> HoldingOf(const Value& element, absl::Time now) {
  const auto attribute = element.GetString("attribute");
  const auto as_of = PastTime(element, "as_of", now);
  if (!attribute.ok() || !as_of || !IsAttributeId(*attribute) ||
      element.size() != 2) {
    return std::nullopt;
  }
  return Holding{*attribute, *as_of};
}

absl::Status NoLink() {
  return absl::PermissionDeniedError(
      "proof: not a link of this source for your device and this vault, or it "
      "is over: ask the source for another one");
}

bool LinkPeriodIsGood(const Value& claims, absl::Time now, absl::Time& end) {
  const auto begin = PastTime(claims, "iat", now);
  const auto seconds = claims.GetInteger("exp");
  if (!begin || !seconds.ok() || *seconds > kMaxSeconds) return false;
  end = absl::FromUnixSeconds(*seconds);
  return end > *begin && end - *begin <= kMaxLinkLife &&
         now < end + jose::kMaxClockSkew;
}

}  // namespace

std::optional<absl::Time> PastTime(const json::Value& claims,
                                   std::string_view name, absl::Time now) {
  const auto seconds = claims.GetInteger(name);
  if (!seconds.ok() || *seconds < -kMaxSeconds || *seconds > kMaxSeconds) {
    return std::nullopt;
  }
  const absl::Time time = absl::FromUnixSeconds(*seconds);
  if (time > now + jose::kMaxClockSkew) return std::nullopt;
  return time;
}

absl::StatusOr<SourceAnswer> ReadStatement(std::string_view token,
                                           const SourceTrust& trust,
                                           const Asked& asked, absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const Signed opened,
                          Open(token, trust, kStatementType));
  const Value& claims = opened.claims;
  const bool absent = claims.Find("absent") != nullptr;
  const std::string_view last = absent ? "absent" : "value";
  const auto as_of = PastTime(claims, "as_of", now);
  if (!Repeats(claims, trust, asked,
               {"as_of", "attribute", "aud", "iss", "nonce", "sub", last}) ||
      !Says(claims, "attribute", asked.attribute) || !as_of) {
    return NotAsAsked();
  }
  if (absent) {
    const auto said = claims.GetBool("absent");
    if (!said.ok() || !*said) return NotAsAsked();
    return SourceAnswer();
  }
  return SourceAnswer(SourcedValue{json::Canonical(*claims.Find("value")),
                                   *as_of, opened.by, std::string(token)});
}

absl::StatusOr<std::vector<Holding>> ReadHoldings(std::string_view token,
                                                  const SourceTrust& trust,
                                                  const Asked& asked,
                                                  absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const Signed opened,
                          Open(token, trust, kHoldingsType));
  const auto list = opened.claims.GetArray("holdings");
  if (!Repeats(opened.claims, trust, asked,
               {"aud", "holdings", "iss", "nonce", "sub"}) ||
      !list.ok() || list->size() > kMaxHoldings) {
    return NotAsAsked();
  }
  std::vector<Holding> out;
  std::set<std::string> seen;
  for (const Value& element : list->elements()) {
    auto holding = HoldingOf(element, now);
    if (!holding || !seen.insert(holding->attribute).second) {
      return NotAsAsked();
    }
    out.push_back(*std::move(holding));
  }
  std::sort(out.begin(), out.end(), [](const Holding& a, const Holding& b) {
    return a.attribute < b.attribute;
  });
  return out;
}

absl::StatusOr<RectificationAnswer> ReadRectification(std::string_view token,
                                                      const SourceTrust& trust,
                                                      const Asked& asked) {
  LIMPID_ASSIGN_OR_RETURN(const Signed opened,
                          Open(token, trust, kRectificationType));
  const Value& claims = opened.claims;
  const bool refused = Says(claims, "outcome", "refused");
  const bool whole = refused
                         ? Repeats(claims, trust, asked,
                                   {"attribute", "aud", "ground", "iss",
                                    "nonce", "outcome", "sub", "value_digest"})
                         : Repeats(claims, trust, asked,
                                   {"attribute", "aud", "iss", "nonce",
                                    "outcome", "sub", "value_digest"});
  if (!whole || !Says(claims, "attribute", asked.attribute) ||
      !Says(claims, "value_digest", base::Base64UrlEncode(asked.proposed))) {
    return NotAsAsked();
  }
  if (Says(claims, "outcome", "done")) {
    return RectificationAnswer{RectificationOutcome::kDone,
                               RectificationGround::kNone};
  }
  if (Says(claims, "outcome", "accepted")) {
    return RectificationAnswer{RectificationOutcome::kAccepted,
                               RectificationGround::kNone};
  }
  if (!refused) return NotAsAsked();
  const auto code = claims.GetString("ground");
  const RectificationGround ground =
      code.ok() ? GroundOf(*code) : RectificationGround::kNone;
  // A refusal without a ground in law is none.
  if (ground == RectificationGround::kNone) return NotAsAsked();
  return RectificationAnswer{RectificationOutcome::kRefused, ground};
}

absl::StatusOr<LinkStatement> ReadLink(std::string_view token,
                                       const SourceTrust& trust,
                                       const crypto::Ed25519PublicKey& key,
                                       absl::Time now) {
  const auto opened = Open(token, trust, kLinkType);
  if (!opened.ok()) return NoLink();
  const Value& claims = opened->claims;
  LinkStatement out;
  const bool whole =
      claims.CheckOnlyKeys({"aud", "cnf", "exp", "iat", "iss", "jti", "sub"})
          .ok() &&
      claims.size() == 7 && Says(claims, "iss", trust.issuer) &&
      Says(claims, "aud", trust.audience) &&
      LinkPeriodIsGood(claims, now, out.expires_at);
  const auto subject = claims.GetString("sub");
  const auto id = claims.GetString("jti");
  const auto bound = claims.GetObject("cnf");
  if (!whole || !subject.ok() || !id.ok() || !bound.ok() || subject->empty() ||
      subject->size() > kMaxSubjectBytes) {
    return NoLink();
  }
  // Whoever else finds the link, in a browser's history or a log, has no use
  // for it.
  const auto bytes = base::Base64UrlDecode(*id);
  if (bound->size() != 1 ||
      !Says(*bound, "jkt", jose::PublicJwk(key).Thumbprint()) || !bytes.ok() ||
      bytes->size() != out.id.size()) {
    return NoLink();
  }
  std::copy(bytes->begin(), bytes->end(), out.id.begin());
  out.subject = *subject;
  out.signed_by = opened->by;
  return out;
}

}  // namespace limpid::vault

#include "consent/identity/person_tokens.h"

#include <algorithm>
#include <string>

#include "common/base/status_macros.h"
#include "common/jose/jwk.h"
#include "common/jose/jws.h"
#include "common/jose/tokens.h"

namespace limpid::consent {
namespace {

absl::Status Refused() {
  return absl::UnauthenticatedError("the token does not speak for anybody");
}

}  // namespace

absl::StatusOr<PersonId> PersonTokens::Authenticate(std::string_view token,
                                                    std::string_view method) {
  const auto key_id = jose::UnverifiedKeyId(token);
  if (!key_id.ok()) return Refused();
  const auto known = consent_.FindKey(*key_id);
  if (absl::IsUnavailable(known.status())) return known.status();
  if (!known.ok()) return Refused();
  LIMPID_RETURN_IF_ERROR(VerifyPossession(token, method, known->key));
  return known->person;
}

absl::Status PersonTokens::VerifyPossession(
    std::string_view token, std::string_view method,
    const crypto::Ed25519PublicKey& key) {
  jose::Expected expected;
  expected.audience = consent_.operator_name();
  expected.method = method;
  const bool believed = clock_.Believed();
  const absl::Time now = clock_.Now();
  const absl::Time machine = believed ? now : clock_.Machine();
  expected.now = now;
  expected.not_issued_before = started_;
  auto verified =
      jose::VerifyKeyBoundToken(token, jose::PublicJwk(key), expected);
  if (!verified.ok() && !believed) {
    expected.now = machine;
    expected.not_issued_before = machine_started_;
    verified = jose::VerifyKeyBoundToken(token, jose::PublicJwk(key), expected);
  }
  if (!verified.ok()) return Refused();
  // By the earlier of the two no used token is forgotten while it is good.
  absl::Status used = replays_.Use(
      KeyIdOf(key), verified->id, verified->expires_at, std::min(now, machine));
  if (absl::IsResourceExhausted(used)) return used;
  return used.ok() ? absl::OkStatus() : Refused();
}

}  // namespace limpid::consent

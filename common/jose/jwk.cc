#include "common/jose/jwk.h"

#include <string>
#include <string_view>
#include <variant>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/json/json.h"

namespace limpid::jose {
namespace {

using base::ByteView;
using crypto::Ed25519PublicKey;
using crypto::Es256PublicKey;
using json::Value;

// Both kinds have 32-byte values.
absl::StatusOr<base::ByteArray<32>> Coordinate(const Value& jwk,
                                               std::string_view name) {
  LIMPID_ASSIGN_OR_RETURN(const std::string text, jwk.GetString(name));
  LIMPID_ASSIGN_OR_RETURN(const base::Bytes bytes, base::Base64UrlDecode(text));
  return base::ToArray<32>(bytes);
}

absl::Status CheckCurve(const Value& jwk, std::string_view want) {
  LIMPID_ASSIGN_OR_RETURN(const std::string curve, jwk.GetString("crv"));
  if (curve != want) return absl::InvalidArgumentError("unknown curve");
  return absl::OkStatus();
}

absl::StatusOr<PublicJwk> ParseOkp(const Value& jwk) {
  LIMPID_RETURN_IF_ERROR(jwk.CheckOnlyKeys({"kty", "crv", "x"}));
  LIMPID_RETURN_IF_ERROR(CheckCurve(jwk, "Ed25519"));
  LIMPID_ASSIGN_OR_RETURN(const auto x, Coordinate(jwk, "x"));
  return PublicJwk(Ed25519PublicKey{x});
}

absl::StatusOr<PublicJwk> ParseEc(const Value& jwk) {
  LIMPID_RETURN_IF_ERROR(jwk.CheckOnlyKeys({"kty", "crv", "x", "y"}));
  LIMPID_RETURN_IF_ERROR(CheckCurve(jwk, "P-256"));
  LIMPID_ASSIGN_OR_RETURN(const auto x, Coordinate(jwk, "x"));
  LIMPID_ASSIGN_OR_RETURN(const auto y, Coordinate(jwk, "y"));
  LIMPID_ASSIGN_OR_RETURN(auto key, Es256PublicKey::FromCoordinates(x, y));
  return PublicJwk(std::move(key));
}

}  // namespace

absl::StatusOr<PublicJwk> PublicJwk::Parse(const Value& jwk) {
  LIMPID_ASSIGN_OR_RETURN(const std::string kind, jwk.GetString("kty"));
  if (kind == "OKP") return ParseOkp(jwk);
  if (kind == "EC") return ParseEc(jwk);
  return absl::InvalidArgumentError("unknown kind of key");
}

Value PublicJwk::ToJson() const {
  Value out = Value::Object();
  if (const Ed25519PublicKey* const okp = ed25519()) {
    out.Set("crv", "Ed25519");
    out.Set("kty", "OKP");
    out.Set("x", base::Base64UrlEncode(okp->bytes));
    return out;
  }
  const auto& ec = std::get<Es256PublicKey>(key_);
  out.Set("crv", "P-256");
  out.Set("kty", "EC");
  out.Set("x", base::Base64UrlEncode(ec.x()));
  out.Set("y", base::Base64UrlEncode(ec.y()));
  return out;
}

std::string PublicJwk::Thumbprint() const {
  // "required members only, ordered lexicographically, no whitespace" (RFC 7638
  // section 3): for these members canonical JSON is that.
  return base::Base64UrlEncode(
      crypto::Sha256(base::AsBytes(json::Canonical(ToJson()))));
}

std::string_view PublicJwk::algorithm() const {
  return ed25519() != nullptr ? "EdDSA" : "ES256";
}

bool PublicJwk::Verify(ByteView message, ByteView signature) const {
  return std::visit(
      [&](const auto& key) { return key.Verify(message, signature); }, key_);
}

}  // namespace limpid::jose

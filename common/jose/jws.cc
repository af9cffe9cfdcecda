#include "common/jose/jws.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/json/json.h"

namespace limpid::jose {
namespace {

using base::AsBytes;
using base::Base64UrlDecode;
using base::Base64UrlEncode;
using json::Value;

absl::Status NotValid() {
  return absl::UnauthenticatedError("the token is not valid");
}

template <typename PrivateKey>
std::string Sign(const PrivateKey& key, std::string_view typ,
                 std::string_view payload, std::size_t max_bytes) {
  const PublicJwk jwk(key.PublicKey());
  Value header = Value::Object();
  header.Set("alg", jwk.algorithm());
  header.Set("kid", jwk.Thumbprint());
  header.Set("typ", typ);
  std::string token = Base64UrlEncode(AsBytes(json::Canonical(header)));
  token += '.';
  token += Base64UrlEncode(AsBytes(payload));
  const auto signature = key.Sign(AsBytes(token));
  token += '.';
  token += Base64UrlEncode(signature);
  LIMPID_CHECK(token.size() <= max_bytes);
  return token;
}

// A token taken apart, its three parts decoded.
struct Parts {
  std::string algorithm;
  std::string key_id;
  std::string typ;
  std::string_view signed_text;  // Into the token.
  base::Bytes payload;
  base::Bytes signature;
};

absl::Status ReadHeader(const base::Bytes& text, Parts& out) {
  LIMPID_ASSIGN_OR_RETURN(const Value header,
                          json::ParseStrict(base::AsText(text)));
  LIMPID_RETURN_IF_ERROR(header.CheckOnlyKeys({"alg", "kid", "typ"}));
  LIMPID_ASSIGN_OR_RETURN(out.algorithm, header.GetString("alg"));
  LIMPID_ASSIGN_OR_RETURN(out.key_id, header.GetString("kid"));
  LIMPID_ASSIGN_OR_RETURN(out.typ, header.GetString("typ"));
  return absl::OkStatus();
}

absl::StatusOr<Parts> Split(std::string_view token, std::size_t max_bytes) {
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  // A third dot ends up in the payload, which is then not base64url.
  if (token.size() > max_bytes || first == last) return NotValid();
  const auto header = Base64UrlDecode(token.substr(0, first));
  auto payload = Base64UrlDecode(token.substr(first + 1, last - first - 1));
  auto signature = Base64UrlDecode(token.substr(last + 1));
  if (!header.ok() || !payload.ok() || !signature.ok()) return NotValid();
  Parts out;
  out.signed_text = token.substr(0, last);
  out.payload = *std::move(payload);
  out.signature = *std::move(signature);
  if (!ReadHeader(*header, out).ok()) return NotValid();
  return out;
}

}  // namespace

std::string SignCompact(const crypto::Ed25519PrivateKey& key,
                        std::string_view typ, std::string_view payload,
                        std::size_t max_bytes) {
  return Sign(key, typ, payload, max_bytes);
}

std::string SignCompact(const crypto::Es256PrivateKey& key,
                        std::string_view typ, std::string_view payload) {
  return Sign(key, typ, payload, kMaxTokenBytes);
}

absl::StatusOr<std::string> UnverifiedKeyId(std::string_view token) {
  LIMPID_ASSIGN_OR_RETURN(Parts parts, Split(token, kMaxTokenBytes));
  return std::move(parts.key_id);
}

absl::StatusOr<std::string> VerifyCompact(std::string_view token,
                                          const PublicJwk& key,
                                          std::string_view typ,
                                          std::size_t max_bytes) {
  LIMPID_ASSIGN_OR_RETURN(const Parts parts, Split(token, max_bytes));
  // The key says which algorithm; the token may only agree.
  if (parts.algorithm != key.algorithm() || parts.typ != typ ||
      parts.key_id != key.Thumbprint() ||
      !key.Verify(AsBytes(parts.signed_text), parts.signature)) {
    return NotValid();
  }
  return base::ToText(parts.payload);
}

}  // namespace limpid::jose

// Public keys as JSON Web Keys (RFC 7517, RFC 8037) and their names, the
// thumbprints of RFC 7638. Two kinds only: Ed25519 and P-256.
// docs/formats/tokens.md

#ifndef LIMPID_COMMON_JOSE_JWK_H_
#define LIMPID_COMMON_JOSE_JWK_H_

#include <string>
#include <string_view>
#include <variant>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/es256.h"
#include "common/json/value.h"

namespace limpid::jose {

// A value. Thread-safe.
class PublicJwk {
 public:
  explicit PublicJwk(const crypto::Ed25519PublicKey& key) : key_(key) {}
  explicit PublicJwk(crypto::Es256PublicKey key) : key_(std::move(key)) {}

  // Takes exactly {kty:"OKP", crv:"Ed25519", x} or {kty:"EC", crv:"P-256", x,
  // y}. A private member, or any other, is refused.
  //
  // Errors:
  //   kInvalidArgument  anything else.
  static absl::StatusOr<PublicJwk> Parse(const json::Value& jwk);

  [[nodiscard]] json::Value ToJson() const;
  // RFC 7638 with SHA-256, base64url: the `kid` of every token by this key.
  [[nodiscard]] std::string Thumbprint() const;
  // The one algorithm this key verifies: "EdDSA" or "ES256".
  [[nodiscard]] std::string_view algorithm() const;
  [[nodiscard]] bool Verify(base::ByteView message,
                            base::ByteView signature) const;
  // Null unless the key is of that kind.
  [[nodiscard]] const crypto::Ed25519PublicKey* ed25519() const {
    return std::get_if<crypto::Ed25519PublicKey>(&key_);
  }

 private:
  std::variant<crypto::Ed25519PublicKey, crypto::Es256PublicKey> key_;
};

}  // namespace limpid::jose

#endif  // LIMPID_COMMON_JOSE_JWK_H_

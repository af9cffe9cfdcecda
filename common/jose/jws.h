// Compact JSON Web Signatures (RFC 7515), narrowed until nothing is left to
// negotiate: two algorithms, each tied to a kind of key, and a header of
// exactly alg, kid and typ. docs/formats/tokens.md

#ifndef LIMPID_COMMON_JOSE_JWS_H_
#define LIMPID_COMMON_JOSE_JWS_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/es256.h"
#include "common/jose/jwk.h"

namespace limpid::jose {

// Longest token, in bytes. Ours have under 800; gRPC allows 8 KiB of metadata
// in all.
inline constexpr std::size_t kMaxTokenBytes = 4096;

// Signs `payload` (JSON text) with `typ` and the key's thumbprint in the
// header. Aborts when the token would be over `max_bytes`.
std::string SignCompact(const crypto::Ed25519PrivateKey& key,
                        std::string_view typ, std::string_view payload,
                        std::size_t max_bytes = kMaxTokenBytes);
std::string SignCompact(const crypto::Es256PrivateKey& key,
                        std::string_view typ, std::string_view payload);

// The key id a token says it is signed with, to look the key up. Nothing is
// verified but the form.
//
// Errors:
//   kUnauthenticated  the token's form or header is not ours.
absl::StatusOr<std::string> UnverifiedKeyId(std::string_view token);

// The payload text, when `token` is of type `typ` and signed by `key`.
// Refuses every algorithm but the key's own, every header member but alg, kid
// and typ, base64url that is not strict, and tokens over `max_bytes`.
//
// Errors:
//   kUnauthenticated  anything else; never says what.
absl::StatusOr<std::string> VerifyCompact(
    std::string_view token, const PublicJwk& key, std::string_view typ,
    std::size_t max_bytes = kMaxTokenBytes);

}  // namespace limpid::jose

#endif  // LIMPID_COMMON_JOSE_JWS_H_

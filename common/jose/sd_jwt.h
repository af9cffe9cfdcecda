// SD-JWTs (RFC 9901), narrowed until nothing is left to negotiate: Ed25519 and
// SHA-256 alone, hidden members at the top level alone, no key binding. Knows
// no claim; dates, issuers and receivers are the caller's.
// docs/formats/attested-answer.md

#ifndef LIMPID_COMMON_JOSE_SD_JWT_H_
#define LIMPID_COMMON_JOSE_SD_JWT_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/value.h"

namespace limpid::jose {

// Longest SD-JWT, in bytes, and most disclosures or digests in one. Ours have
// under 3,000 and one.
inline constexpr std::size_t kMaxSdJwtBytes = 8192;
inline constexpr std::size_t kMaxDisclosures = 16;

// What an SD-JWT says: members that everybody sees, and those of the
// disclosures that came with it. No name stands in both.
struct SdJwtClaims {
  json::Value open;
  json::Value disclosed;
};

// Signs `open`, an object, and the digests of `hidden`, whose salts are hedged
// (docs/formats/envelope.md); all disclosures come with it. Aborts on a name
// that is RFC 9901's own, stands twice or in `open`, and on one over a limit.
std::string IssueSdJwt(const crypto::Ed25519PrivateKey& key,
                       std::string_view typ, json::Value open,
                       std::span<const json::Member> hidden,
                       crypto::RandomSource& random);

// What `text` says, when it is of type `typ` and signed by `key`, and each of
// its disclosures is one that was signed. Disclosures may be missing.
//
// Errors:
//   kDataLoss  anything else; never says what.
absl::StatusOr<SdJwtClaims> VerifySdJwt(std::string_view text,
                                        const crypto::Ed25519PublicKey& key,
                                        std::string_view typ);

// "The US-ASCII bytes of the base64url-encoded value" hashed (RFC 9901 section
// 4.2.3), base64url.
std::string DisclosureDigest(std::string_view disclosure);

// The member that one disclosure hides.
//
// Errors:
//   kDataLoss  it is no disclosure of an object's member, its salt has under
//              128 bits, or it hides or discloses more below.
absl::StatusOr<json::Member> ReadDisclosure(std::string_view disclosure);

}  // namespace limpid::jose

#endif  // LIMPID_COMMON_JOSE_SD_JWT_H_

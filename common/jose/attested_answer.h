// An attested answer: what a vault's derivation says about a value, signed, so
// that the service that was given it can show it to others within a minute. It
// names the service and the service's question, and nobody else.
// docs/formats/attested-answer.md

#ifndef LIMPID_COMMON_JOSE_ATTESTED_ANSWER_H_
#define LIMPID_COMMON_JOSE_ATTESTED_ANSWER_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/value.h"

namespace limpid::jose {

// How long an answer can be shown on: what a withdrawal leaves valid, vault.md
// section 3.
inline constexpr absl::Duration kMaxAnswerLife = absl::Seconds(60);
inline constexpr std::string_view kAttestedAnswerType = "dc+sd-jwt";

struct AttestedAnswer {
  // The vault, "src_…".
  std::string issuer;
  // SHA-256 of the public key (SPKI) in the certificate of the service that was
  // answered.
  base::Digest32 audience{};
  // Of that service's request.
  base::ByteArray<16> nonce{};
  // Random; of this answer alone.
  base::ByteArray<16> id{};
  // Whole seconds; Mint cuts off the rest.
  absl::Time issued_at;
  absl::Time expires_at;
  // "person.birth_date", "over_n/1" and {"n":18}; true.
  std::string attribute;
  std::string derivation;
  json::Value parameters;
  json::Value value;
};

// What a receiver knows. Views; used within the call only.
struct ExpectedAnswer {
  std::string_view issuer;
  absl::Time now;
  // Whose answer it must be. Unset for whoever is shown one and asks the
  // service in another way who it is.
  std::optional<base::Digest32> audience = std::nullopt;
  // Set by the service that asked.
  std::optional<base::ByteArray<16>> nonce = std::nullopt;
};

// Signed, with its one disclosure. Aborts unless the answer begins before it
// ends and lives no longer than kMaxAnswerLife.
std::string Mint(const crypto::Ed25519PrivateKey& key,
                 const AttestedAnswer& answer, crypto::RandomSource& random);

// Verifies signature and every claim. An answer whose disclosure was left out
// says nothing and is refused. Whether it was shown before is the caller's to
// know.
//
// Errors:
//   kDataLoss            it does not verify, or is no answer.
//   kFailedPrecondition  it is another vault's, another service's or another
//                        request's, has expired or is from the future; says
//                        which.
absl::StatusOr<AttestedAnswer> VerifyAttestedAnswer(
    std::string_view text, const crypto::Ed25519PublicKey& key,
    const ExpectedAnswer& expected);

}  // namespace limpid::jose

#endif  // LIMPID_COMMON_JOSE_ATTESTED_ANSWER_H_

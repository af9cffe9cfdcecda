// Signs answers that a service may show to others, with a key that the vault
// has for nothing else. What was asked and whether it may leave was decided
// before. docs/formats/attested-answer.md

#ifndef LIMPID_VAULT_FORMS_ANSWER_SIGNER_H_
#define LIMPID_VAULT_FORMS_ANSWER_SIGNER_H_

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/json/value.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// Whom an answer is for, and until when.
struct AnswerFor {
  // SHA-256 of the public key (SPKI) in the service's certificate.
  base::Digest32 service_key{};
  // Of its request.
  base::ByteArray<16> nonce{};
  // End of the record.
  absl::Time not_after;
};

// What is said.
struct AnswerSaid {
  std::string attribute;
  std::string derivation;
  json::Value parameters;
  json::Value value;
};

// Thread-safe. `random` must outlive it.
class AnswerSigner {
 public:
  AnswerSigner(crypto::Ed25519PrivateKey key, const SourceId& source,
               crypto::RandomSource& random);

  // An SD-JWT that is over jose::kMaxAnswerLife after `now`, or at the record's
  // end if that is earlier; none when the record ends within this second.
  [[nodiscard]] std::optional<std::string> Sign(const AnswerFor& to,
                                                const AnswerSaid& said,
                                                absl::Time now) const;

  // What verifies them, as a JWK set (RFC 7517), canonical JSON.
  [[nodiscard]] const std::string& key_set() const { return key_set_; }

 private:
  crypto::Ed25519PrivateKey key_;
  const std::string source_;
  const std::string key_set_;
  crypto::RandomSource& random_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_FORMS_ANSWER_SIGNER_H_

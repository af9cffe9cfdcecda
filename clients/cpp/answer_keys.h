// Answers that a vault has signed, for whoever asked and for whoever is shown
// one: the keys, and what an answer says. docs/formats/attested-answer.md

#ifndef LIMPID_CLIENTS_CPP_ANSWER_KEYS_H_
#define LIMPID_CLIENTS_CPP_ANSWER_KEYS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/connection.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/jose/attested_answer.h"

namespace limpid::client {

// What one vault signs answers with.
struct AnswerKeys {
  // "src_…".
  std::string source_id;
  std::vector<crypto::Ed25519PublicKey> keys;

  // One JSON object, {"keys":[JWK, …],"source_id":"src_…"}.
  [[nodiscard]] std::string Text() const;
  // Errors:
  //   kInvalidArgument  anything else, or no key, or one of another kind.
  static absl::StatusOr<AnswerKeys> Parse(std::string_view text);
};

// Asks a vault, as anybody may. As true as the connection.
//
// Errors: the server's, and
//   kDataLoss  the answer holds no such keys.
absl::StatusOr<AnswerKeys> ListAnswerKeys(Connection& connection);

// Who looks at an answer, and when.
struct AnswerShownTo {
  absl::Time now;
  // The service it must have been given to: SHA-256 of the public key (SPKI) in
  // its certificate.
  std::optional<base::Digest32> audience = std::nullopt;
  // That service's request, when it looks itself.
  std::optional<base::ByteArray<16>> nonce = std::nullopt;
};

// Errors: those of jose::VerifyAttestedAnswer, for every key.
absl::StatusOr<jose::AttestedAnswer> VerifyAnswer(std::string_view text,
                                                  const AnswerKeys& keys,
                                                  const AnswerShownTo& to);

}  // namespace limpid::client

#endif  // LIMPID_CLIENTS_CPP_ANSWER_KEYS_H_

// What a person signs when she grants. Made by her device, checked by consent
// member by member against its own state.
// docs/formats/statement.md

#ifndef LIMPID_COMMON_RECEIPT_STATEMENT_H_
#define LIMPID_COMMON_RECEIPT_STATEMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/permit.h"

namespace limpid::receipt {

// How far the signing time may be from the verifier's clock.
inline constexpr absl::Duration kStatementSkew = absl::Minutes(5);

struct Statement {
  // Id texts ("agr_…"): a statement is read by people and courts.
  std::string agreement;
  base::Digest32 agreement_hash{};
  // Validity [from, until).
  absl::Time from;
  absl::Time until;
  base::ByteArray<32> grant_key{};
  std::vector<PermitLine> lines;
  base::ByteArray<32> nonce{};
  base::Digest32 notice_hash{};
  std::string operator_name;
  base::Digest32 predecessor{};
  std::string record;
  // Empty when the person acts herself.
  std::string representative;
  std::uint64_t revision = 0;
  std::string service;
  absl::Time time;

  // Canonical JSON with exactly the members of the format page.
  [[nodiscard]] std::string Canonical() const;
  // Errors:
  //   kInvalidArgument  not canonical JSON, or a member missing, unknown,
  //                     doubled or malformed; the message names the member.
  static absl::StatusOr<Statement> Parse(std::string_view canonical_json);

  friend bool operator==(const Statement&, const Statement&) = default;
};

// The bytes that are signed: label "limpid/statement/1" and the JSON.
base::Bytes StatementSigningInput(std::string_view canonical_json);

struct SignedStatement {
  std::string canonical_json;
  base::ByteArray<64> signature{};
};

SignedStatement SignStatement(const Statement& statement,
                              const crypto::Ed25519PrivateKey& identity);

// Whether `identity` signed it. Which key is the person's is the caller's
// business; a key inside a message is never used.
[[nodiscard]] bool StatementIsSigned(const SignedStatement& statement,
                                     const crypto::Ed25519PublicKey& identity);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_STATEMENT_H_

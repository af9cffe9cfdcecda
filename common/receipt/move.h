// What a person signs to take a consent from one operator to another. Made by
// her device, checked by both operators. docs/formats/operator-move.md

#ifndef LIMPID_COMMON_RECEIPT_MOVE_H_
#define LIMPID_COMMON_RECEIPT_MOVE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

struct MoveStatement {
  std::string from_operator;
  base::ByteArray<32> nonce{};
  // Hash of the revision in force.
  base::Digest32 predecessor{};
  // "rec_…" at the old operator.
  std::string record;
  // The revision that this statement makes.
  std::uint64_t revision = 0;
  absl::Time time;
  // Evidence key of the new operator.
  base::ByteArray<32> to_key{};
  std::string to_operator;

  [[nodiscard]] std::string Canonical() const;
  // Errors:
  //   kInvalidArgument  not canonical JSON, or a member missing, unknown,
  //                     doubled or malformed; the message names the member.
  static absl::StatusOr<MoveStatement> Parse(std::string_view canonical_json);

  friend bool operator==(const MoveStatement&, const MoveStatement&) = default;
};

struct SignedMove {
  std::string canonical_json;
  base::ByteArray<64> signature{};
};

SignedMove SignMove(const MoveStatement& statement,
                    const crypto::Ed25519PrivateKey& identity);

// Whether `identity` signed it; whose key that is is the caller's business.
[[nodiscard]] bool MoveIsSigned(const SignedMove& move,
                                const crypto::Ed25519PublicKey& identity);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_MOVE_H_

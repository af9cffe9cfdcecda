// What a person signs to have the content of one entry of her log erased. Names
// the entry by its number and commitment, never by what it says.
// docs/formats/entry-erasure.md

#ifndef LIMPID_COMMON_RECEIPT_ERASURE_H_
#define LIMPID_COMMON_RECEIPT_ERASURE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

struct ErasureRequest {
  // Of the entry; what stands for it in the public log.
  base::Digest32 commitment{};
  base::ByteArray<32> nonce{};
  std::string operator_name;
  // Id text of whose log it is; she signs.
  std::string person;
  // Number of the entry in it, from 1.
  std::uint64_t sequence = 0;
  // Millisecond precision.
  absl::Time time;

  // Canonical JSON with exactly the members of the format page.
  [[nodiscard]] std::string Canonical() const;
  // Errors:
  //   kInvalidArgument  not canonical JSON, or a member missing, unknown,
  //                     doubled or malformed; the message names the member.
  static absl::StatusOr<ErasureRequest> Parse(std::string_view canonical_json);

  friend bool operator==(const ErasureRequest&,
                         const ErasureRequest&) = default;
};

// The bytes that are signed: label "limpid/erase-entry/1" and the JSON.
base::Bytes ErasureSigningInput(std::string_view canonical_json);

struct SignedErasure {
  std::string canonical_json;
  base::ByteArray<64> signature{};

  friend bool operator==(const SignedErasure&, const SignedErasure&) = default;
};

SignedErasure SignErasure(const ErasureRequest& request,
                          const crypto::Ed25519PrivateKey& identity);

// Whether `identity`, the key of the account, asked for the erasure of this
// entry: what a device asks before it believes that an entry was erased for it.
[[nodiscard]] bool ErasureCovers(const SignedErasure& erasure,
                                 const crypto::Ed25519PublicKey& identity,
                                 std::uint64_t sequence,
                                 const base::Digest32& commitment);

// Whether `identity` signed it.
[[nodiscard]] bool ErasureIsSigned(const SignedErasure& erasure,
                                   const crypto::Ed25519PublicKey& identity);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_ERASURE_H_

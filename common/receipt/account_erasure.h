// What a person signs to have her account erased, and what the operator signs
// when it has begun. docs/formats/account-erasure.md

#ifndef LIMPID_COMMON_RECEIPT_ACCOUNT_ERASURE_H_
#define LIMPID_COMMON_RECEIPT_ACCOUNT_ERASURE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

struct AccountErasureRequest {
  // She knows that services still have to delete, and lets the evidence go.
  bool give_up_duties = false;
  base::ByteArray<32> nonce{};
  std::string operator_name;
  // Id text of whose account it is; she signs.
  std::string person;
  // Millisecond precision.
  absl::Time time;

  // Canonical JSON with exactly the members of the format page.
  [[nodiscard]] std::string Canonical() const;
  // Errors:
  //   kInvalidArgument  not canonical JSON, or a member missing, unknown,
  //                     doubled or malformed; the message names the member.
  static absl::StatusOr<AccountErasureRequest> Parse(
      std::string_view canonical_json);

  friend bool operator==(const AccountErasureRequest&,
                         const AccountErasureRequest&) = default;
};

// The bytes that are signed: label "limpid/erase-account/1" and the JSON.
base::Bytes AccountErasureSigningInput(std::string_view canonical_json);

struct SignedAccountErasure {
  std::string canonical_json;
  base::ByteArray<64> signature{};

  friend bool operator==(const SignedAccountErasure&,
                         const SignedAccountErasure&) = default;
};

SignedAccountErasure SignAccountErasure(
    const AccountErasureRequest& request,
    const crypto::Ed25519PrivateKey& identity);

// Whether `identity` signed it.
[[nodiscard]] bool AccountErasureIsSigned(
    const SignedAccountErasure& erasure,
    const crypto::Ed25519PublicKey& identity);

// The operator's word, an item of a signed batch of receipts: at `time`
// (millisecond precision) it began, for good, to erase the account of the
// person of 16 bytes, on the statement.
base::Bytes AccountErasedItem(const base::ByteArray<16>& person,
                              absl::Time time, std::string_view canonical_json);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_ACCOUNT_ERASURE_H_

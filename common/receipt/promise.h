// What a service keeps of a read: the operator's signed promise that the access
// entry will be in the public log by a time. Says nothing about the person.
// docs/formats/access-promise.md

#ifndef LIMPID_COMMON_RECEIPT_PROMISE_H_
#define LIMPID_COMMON_RECEIPT_PROMISE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/batch.h"

namespace limpid::receipt {

struct AccessPromise {
  std::string operator_name;
  base::ByteArray<16> access{};
  // Of the entry; its leaf is in the log from `log_by` on.
  base::Digest32 commitment{};
  absl::Time log_by;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one promise.
  static absl::StatusOr<AccessPromise> Decode(base::ByteView bytes);

  friend bool operator==(const AccessPromise&, const AccessPromise&) = default;
};

// The promise with its place in a signed batch, as it travels.
base::Bytes SignedPromise(base::ByteView encoded_promise,
                          const BatchProof& proof);

// Errors:
//   kInvalidArgument  not a signed promise.
//   kDataLoss         the signature or the path does not verify.
absl::StatusOr<AccessPromise> VerifyPromise(
    base::ByteView signed_promise,
    const crypto::Ed25519PublicKey& evidence_key);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_PROMISE_H_

// A receipt for the service: the body cut into salted fields, of which it is
// shown those it is entitled to. Never the person's sequence, statement or
// other parties. docs/formats/receipt-service-copy.md

#ifndef LIMPID_COMMON_RECEIPT_SERVICE_COPY_H_
#define LIMPID_COMMON_RECEIPT_SERVICE_COPY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/json/value.h"
#include "common/receipt/batch.h"
#include "common/receipt/receipt.h"

namespace limpid::receipt {

// The number of digests is a multiple of this.
inline constexpr std::size_t kDigestStep = 32;

struct SaltedField {
  base::ByteArray<32> salt{};
  std::string name;
  json::Value value;

  [[nodiscard]] base::Digest32 Digest() const;

  friend bool operator==(const SaltedField&, const SaltedField&) = default;
};

// A service's copy as it travels.
struct ServiceCopy {
  // Disclosed, ascending by name.
  std::vector<SaltedField> fields;
  // Of every field, withheld ones and padding included, ascending.
  std::vector<base::Digest32> digests;
  BatchProof proof;

  // Canonical JSON.
  [[nodiscard]] std::string ToFile() const;
  // Errors:
  //   kInvalidArgument  not a service's copy; the message names the member.
  static absl::StatusOr<ServiceCopy> Parse(std::string_view file);
};

// Who signs, and when.
struct CopySigner {
  std::uint64_t epoch = 0;
  absl::Time time;
  const crypto::Ed25519PrivateKey& key;
};

// The copy for the service that `body` names. `random` gives 32 fresh random
// bytes at each call; a repeated one lets two copies be joined.
ServiceCopy MakeServiceCopy(const ReceiptBody& body, const CopySigner& signer,
                            absl::FunctionRef<base::ByteArray<32>()> random);

// What a copy that verified discloses, by name.
using DisclosedFields = std::map<std::string, json::Value, std::less<>>;

// Verifies the signature and that every disclosed field is among the signed.
// Whether `service` is the one that shows it is the caller's question.
//
// Errors:
//   kDataLoss  it does not verify, or it discloses what no service may know.
absl::StatusOr<DisclosedFields> VerifyServiceCopy(
    const ServiceCopy& copy, const crypto::Ed25519PublicKey& evidence_key);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_SERVICE_COPY_H_

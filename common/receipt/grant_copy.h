// A grant copy: a sealed value for one service under one consent record. The
// device makes it, the vault judges its terms and signature, the service opens
// it. Formats only; where it is kept and who may have it is the callers'.
// docs/formats/grant-copy.md

#ifndef LIMPID_COMMON_RECEIPT_GRANT_COPY_H_
#define LIMPID_COMMON_RECEIPT_GRANT_COPY_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/random.h"
#include "common/crypto/x25519.h"
#include "common/receipt/permit.h"

namespace limpid::receipt {

// No copy is longer: a value of 256 KiB, padded, and what is around it.
inline constexpr std::size_t kMaxGrantCopyBytes = std::size_t{300} << 10U;

// Everything that a copy says about itself in clear, to who has it.
struct GrantCopyTerms {
  base::ByteArray<16> source{};
  base::ByteArray<16> service{};
  crypto::X25519PublicKey service_key;
  base::ByteArray<16> record{};
  // Of the record when the copy was made; says when, allows nothing.
  std::uint64_t revision = 0;
  std::string attribute;
  std::uint32_t schema_version = 0;
  std::uint64_t version = 0;
  // kFull or kPseudonymous.
  Form form = Form::kFull;
  // Millisecond precision.
  absl::Time made;
  // The copy is worth nothing from here on.
  absl::Time not_after;
  base::ByteArray<16> id{};
  // Of the record; signs the copy.
  crypto::Ed25519PublicKey grant_key;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one, another form, or an empty time.
  static absl::StatusOr<GrantCopyTerms> Decode(base::ByteView bytes);

  friend bool operator==(const GrantCopyTerms&,
                         const GrantCopyTerms&) = default;
};

struct GrantCopy {
  GrantCopyTerms terms;
  crypto::Ed25519Signature signature{};
  base::Bytes box;
  base::Bytes envelope;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one copy.
  static absl::StatusOr<GrantCopy> Decode(base::ByteView bytes);
};

struct GrantCopyValue {
  // RFC 8785.
  std::string value_json;
  // Millisecond precision.
  absl::Time put_time;
};

// Seals `value` to the service and signs. `grant_key` is the one in `terms`.
// The value is padded as if it had `pad_floor_bytes` at least.
//
// Errors:
//   kInvalidArgument  nothing can be sealed to the service's key.
absl::StatusOr<GrantCopy> MakeGrantCopy(
    const GrantCopyTerms& terms, const GrantCopyValue& value,
    std::size_t pad_floor_bytes, const crypto::Ed25519PrivateKey& grant_key,
    crypto::RandomSource& random = crypto::SystemRandom());

// Whether the grant key of the terms signed all of it. Whose key that is, the
// caller must know.
[[nodiscard]] bool GrantCopyIsSigned(const GrantCopy& copy);

// Opens a copy with the service's private key.
//
// Errors:
//   kDataLoss  not signed, not for this key, or it does not open.
absl::StatusOr<GrantCopyValue> OpenGrantCopy(
    const GrantCopy& copy, const crypto::X25519PrivateKey& service_key);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_GRANT_COPY_H_

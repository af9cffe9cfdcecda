// The permit: consent's lease to release, as the vault receives it. Only the
// format and its checks; who may use one is decided in vault/gate.
// docs/formats/permit.md

#ifndef LIMPID_COMMON_RECEIPT_PERMIT_H_
#define LIMPID_COMMON_RECEIPT_PERMIT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/day.h"
#include "common/receipt/batch.h"

namespace limpid::receipt {

// Longest lease, consent.md section 4: what a frozen process can outlive a
// withdrawal by.
inline constexpr absl::Duration kMaxLease = absl::Seconds(2);
// Most lines in one permit or request; a person reviews the list on one
// screen.
inline constexpr std::size_t kMaxLines = 64;

// How an attribute leaves. Signed and logged: append, never renumber.
enum class Form : std::uint8_t {
  kFull = 1,
  kDerived = 2,
  kPseudonymous = 3,
  kAggregate = 4,
  // As derived, and signed, so that whoever is shown the answer can check it:
  // docs/formats/attested-answer.md.
  kAttested = 5,
};

// What the person is told of the form attested, wherever she reads of it.
inline constexpr std::string_view kAttestedMeaning =
    "signed: the service can show this answer to others, who can check it";

// Whether a line in this form has a derivation and its parameters; no other
// line has.
constexpr bool HasDerivation(Form form) {
  return form == Form::kDerived || form == Form::kAttested;
}

// "full", "derived", "pseudonymous", "aggregate", "attested".
std::string_view FormName(Form form);
// Errors:
//   kInvalidArgument  another text.
absl::StatusOr<Form> ParseForm(std::string_view name);

// One attribute in one form.
struct PermitLine {
  // Namespaced attribute id, "person.birth_date".
  std::string attribute;
  Form form = Form::kFull;
  // "over_n/1" when HasDerivation(form), else empty.
  std::string derivation;
  // Canonical JSON from the agreement line with a derivation, else empty.
  std::string parameters;

  friend bool operator==(const PermitLine&, const PermitLine&) = default;
};

struct Permit {
  base::ByteArray<16> source{};
  base::Digest32 service_key{};
  base::ByteArray<16> holder{};
  base::ByteArray<16> pseudonym{};
  base::Digest32 request_hash{};
  base::ByteArray<16> nonce{};
  base::ByteArray<16> record{};
  std::uint64_t revision = 0;
  std::uint64_t epoch = 0;
  base::ByteArray<16> access{};
  // From sending the request, on the vault's monotonic clock. Whole
  // milliseconds, (0, kMaxLease].
  absl::Duration lease;
  // Nothing is released at or after this time.
  absl::Time not_after;
  // The days whose data may be released, for every line; open for all. Valid.
  base::Days days;
  // 1 to kMaxLines.
  std::vector<PermitLine> lines;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one permit, an unknown form, a lease or a
  //                     number of lines out of range, an end that is no day.
  static absl::StatusOr<Permit> Decode(base::ByteView bytes);

  friend bool operator==(const Permit&, const Permit&) = default;
};

// What a service asks a source for, as hashed into the permit.
struct ReleaseRequestFields {
  // As the service wrote it: an unparsable one is hashed as it came.
  std::string record;
  // DPV IRI.
  std::string purpose;
  // In the caller's order.
  std::vector<std::string> attributes;
  // Id texts of a training read, else empty.
  std::string system;
  std::string snapshot;
  // Chosen by the caller.
  base::ByteArray<16> nonce{};
};

base::Digest32 ReleaseRequestHash(const ReleaseRequestFields& request);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_PERMIT_H_

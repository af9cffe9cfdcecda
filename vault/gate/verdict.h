// What a gate can answer about one attribute. The lists are closed and stand in
// access entries: append, never renumber.

#ifndef LIMPID_VAULT_GATE_VERDICT_H_
#define LIMPID_VAULT_GATE_VERDICT_H_

#include <cstdint>

namespace limpid::vault {

// The form in which a value leaves.
enum class Form : std::uint8_t {
  kFull = 1,
  // The answer of a named, versioned, pure function of the value.
  kDerived = 2,
};

// Why an attribute is refused, already softened for the service: where the true
// reason would tell about the person it is kNoConsent. Numbers are those of
// limpid.vault.v1.Reason.
enum class Reason : std::uint8_t {
  kNoConsent = 1,
  kPurpose = 2,
  kExpired = 3,
  kPaused = 4,
  kWithdrawn = 5,
  kRevoked = 6,
  kInvalidated = 7,
  kLimit = 8,
  kPolicy = 9,
  // The vault's own as well: the permitted derivation cannot be made of the
  // stored value.
  kForm = 10,
  kCaller = 11,
  kNoticeOutdated = 12,
  kRepresentative = 13,
  // The vault's own: permitted, but there is no value.
  kNoValue = 14,
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_GATE_VERDICT_H_

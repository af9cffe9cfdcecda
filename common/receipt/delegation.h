// Who may act for a person, and how far. The person signs it herself, or an
// administrator records it on evidence.
// docs/formats/delegation.md

#ifndef LIMPID_COMMON_RECEIPT_DELEGATION_H_
#define LIMPID_COMMON_RECEIPT_DELEGATION_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

// Representatives of one delegation: as many as a family or a board has.
inline constexpr std::size_t kMaxRepresentatives = 8;
// Names in each list of a scope.
inline constexpr std::size_t kMaxScopeNames = 64;

// Stored: append, never renumber.
enum class DelegationKind : std::uint8_t {
  kParent = 1,
  kGuardian = 2,
  // Acts only once an administrator has seen that the case has come.
  kNominee = 3,
  kPowerOfAttorney = 4,
};

// What a representative may do.
enum class Power : std::uint8_t { kReadRecords, kReadLog, kGrant, kWithdraw };

struct Delegation {
  std::string operator_name;
  // Id text of the person who is represented.
  std::string person;
  DelegationKind kind = DelegationKind::kPowerOfAttorney;
  // Id texts, ascending, 1 to 8.
  std::vector<std::string> representatives;
  // Signatures of different representatives that a grant needs: 1 is "any",
  // the number of representatives is "all".
  std::uint64_t signature_count = 1;
  // Ascending; no power is implied by another.
  std::vector<Power> powers;
  // While it is live the person grants nothing within its scope alone: her
  // representatives sign, or nobody. Only of a parent or a guardian.
  bool grant_reserved = false;
  // Id texts of services, DPV IRIs, catalogue ids, each ascending; an empty
  // list leaves nothing out.
  std::vector<std::string> services;
  std::vector<std::string> purposes;
  std::vector<std::string> attributes;
  // Salted commitment to the evidence, which itself is not kept; zero for none.
  base::Digest32 evidence{};
  // Validity [from, until). `until` is the coming of age for a parent.
  absl::Time from;
  absl::Time until;
  base::ByteArray<32> nonce{};
  absl::Time time;

  [[nodiscard]] bool Has(Power power) const;
  [[nodiscard]] bool Names(std::string_view representative) const;

  // Canonical JSON with exactly the members of the format page.
  [[nodiscard]] std::string Canonical() const;
  // Errors:
  //   kInvalidArgument  not canonical JSON, or a member missing, unknown,
  //                     doubled, malformed or out of order; the message names
  //                     the member.
  static absl::StatusOr<Delegation> Parse(std::string_view canonical_json);

  friend bool operator==(const Delegation&, const Delegation&) = default;
};

// The bytes that are signed: label "limpid/delegation/1" and the JSON.
base::Bytes DelegationSigningInput(std::string_view canonical_json);

struct SignedDelegation {
  std::string canonical_json;
  base::ByteArray<64> signature{};
};

SignedDelegation SignDelegation(const Delegation& delegation,
                                const crypto::Ed25519PrivateKey& identity);

// Whether `identity`, the key of the account, signed it.
[[nodiscard]] bool DelegationIsSigned(const SignedDelegation& delegation,
                                      const crypto::Ed25519PublicKey& identity);

// "parent", …
std::string_view DelegationKindName(DelegationKind kind);
// "grant", …
std::string_view PowerName(Power power);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_DELEGATION_H_

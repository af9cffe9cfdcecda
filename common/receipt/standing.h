// What a person signs once so that matching requests are granted without asking
// her. Made by her device; whether a request matches is consent's to say.
// docs/formats/standing-permission.md

#ifndef LIMPID_COMMON_RECEIPT_STANDING_H_
#define LIMPID_COMMON_RECEIPT_STANDING_H_

#include <cstddef>
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

// Names in each list, and lines: what a person reviews on one screen.
inline constexpr std::size_t kMaxStandingNames = 64;
inline constexpr std::size_t kMaxStandingClassBytes = 128;
// A year, leap years included: she is asked again at least that often.
inline constexpr absl::Duration kMaxStandingTime = absl::Hours(24 * 366);
inline constexpr std::uint32_t kMaxStandingValidityDays = 366;
inline constexpr std::uint32_t kMaxStandingRetentionDays = 3'660;

struct StandingPermission {
  // Her name for the recipients; shown, never compared.
  std::string class_name;
  // Validity [from, until).
  absl::Time from;
  absl::Time until;
  // BCP 47, of the notice that she accepts as shown.
  std::string language;
  // The finest form that is free of each attribute; ascending by attribute.
  std::vector<PermitLine> lines;
  // Id texts of services, DPV IRIs, names of further recipients, ascending.
  std::vector<std::string> members;
  std::vector<std::string> purposes;
  std::vector<std::string> recipients;
  base::ByteArray<32> nonce{};
  std::string operator_name;
  // Id text of who signs.
  std::string person;
  // The longest of an agreement that is covered.
  std::uint32_t retention_days = 0;
  std::uint32_t validity_days = 0;
  absl::Time time;

  // Canonical JSON with exactly the members of the format page.
  [[nodiscard]] std::string Canonical() const;
  // Errors:
  //   kInvalidArgument  not canonical JSON, or a member missing, unknown,
  //                     doubled, malformed or out of order; the message names
  //                     the member.
  static absl::StatusOr<StandingPermission> Parse(
      std::string_view canonical_json);

  friend bool operator==(const StandingPermission&,
                         const StandingPermission&) = default;
};

// The bytes that are signed: label "limpid/standing/1" and the JSON.
base::Bytes StandingSigningInput(std::string_view canonical_json);

struct SignedStanding {
  std::string canonical_json;
  base::ByteArray<64> signature{};
};

SignedStanding SignStanding(const StandingPermission& permission,
                            const crypto::Ed25519PrivateKey& identity);

// Whether `identity`, the key of the account, signed it.
[[nodiscard]] bool StandingIsSigned(const SignedStanding& permission,
                                    const crypto::Ed25519PublicKey& identity);

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_STANDING_H_

// A registered service: who answers for it, which keys are its, and the ceiling
// over everything it may ever ask for.

#ifndef LIMPID_CONSENT_AGREEMENT_SERVICE_H_
#define LIMPID_CONSENT_AGREEMENT_SERVICE_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "consent/agreement/agreement.h"
#include "consent/agreement/service_public_key.h"
#include "consent/ids.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

inline constexpr std::size_t kMaxServiceKeys = 8;
inline constexpr std::size_t kMaxCeilingPurposes = 32;
inline constexpr std::size_t kMaxCeilingAttributes = 256;

struct Service {
  ServiceId id;
  std::string organisation;
  std::string contact;
  std::string data_protection_officer;
  // ISO 3166-1.
  std::string jurisdiction;
  // SHA-256 of SubjectPublicKeyInfo: the only keys that are this service.
  std::vector<base::Digest32> keys;
  // DPV IRIs; narrower ones are included.
  std::vector<std::string> ceiling_purposes;
  std::set<std::string, std::less<>> ceiling_attributes;
  std::vector<receipt::LegalBasis> bases;
  absl::Time created;
  // Published in the register log with its certificates;
  // consent/service_key.
  std::vector<ServicePublicKey> public_keys;
  // How late a person may be told of an access at most; 0 for at once. By two
  // administrators only. docs/formats/embargo.md
  std::uint32_t embargo_days = 0;

  [[nodiscard]] bool MayAskFor(std::string_view attribute) const {
    return ceiling_attributes.contains(attribute);
  }
  [[nodiscard]] bool MayPursue(std::string_view purpose,
                               const Purposes& purposes) const;
  [[nodiscard]] bool MayRelyOn(receipt::LegalBasis basis) const;

  friend bool operator==(const Service&, const Service&) = default;
};

// Errors:
//   kInvalidArgument  a field is missing, too long or unknown; the message
//                     names its path.
absl::Status CheckService(const Service& service, const Purposes& purposes);

// Whether the service may publish an agreement of this content.
//
// Errors:
//   kInvalidArgument     a purpose that the taxonomy does not know.
//   kFailedPrecondition  over the ceiling, or a basis that is not enabled; the
//                        message names the path.
absl::Status CheckCeiling(const AgreementContent& content,
                          const Service& service, const Purposes& purposes);

// The stored form, one JSON text.
//
// Errors:
//   kDataLoss  not such a text.
std::string StoredService(const Service& service);
absl::StatusOr<Service> ParseService(std::string_view stored);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_SERVICE_H_

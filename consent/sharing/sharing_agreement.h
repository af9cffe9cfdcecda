// The data-sharing agreement of a source: to whom it may hand which attributes
// for what, on which legal ground, until when. Immutable versions, each
// addressed by its hash. Without one in force nothing leaves the source,
// whatever a person consented to. A value: who may make one is decided
// elsewhere. docs/formats/sharing-agreement.md

#ifndef LIMPID_CONSENT_SHARING_SHARING_AGREEMENT_H_
#define LIMPID_CONSENT_SHARING_SHARING_AGREEMENT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/receipt/access_entry.h"
#include "consent/agreement/service.h"
#include "consent/ids.h"
#include "consent/purpose/purposes.h"

namespace limpid::consent {

// As wide as a service's ceiling, so that one agreement can cover it.
inline constexpr std::size_t kMaxSharedAttributes = kMaxCeilingAttributes;
inline constexpr std::size_t kMaxSharedPurposes = kMaxCeilingPurposes;
inline constexpr std::size_t kMaxGroundBytes = 1'024;
// Ten years, as long as a consent may last: then both sides look again.
inline constexpr absl::Duration kMaxSharing = absl::Hours(24 * 3'653);

struct SharingTerms {
  // For people, at most kMaxNameBytes.
  std::string title;
  SourceId source;
  // The recipient: this service; when none, the class below.
  ServiceId service;
  // Every service registered in this jurisdiction, later ones included; empty
  // when `service` is set.
  std::string jurisdiction;
  // Catalogue ids, sorted, each once.
  std::vector<std::string> attributes;
  // DPV IRIs; narrower ones are included.
  std::vector<std::string> purposes;
  // In force in [from, until). Millisecond precision.
  absl::Time from = absl::UnixEpoch();
  absl::Time until = absl::UnixEpoch();
  receipt::LegalBasis basis = receipt::LegalBasis::kConsent;
  // What the source relies on, in words: a law, a contract.
  std::string legal_ground;

  friend bool operator==(const SharingTerms&, const SharingTerms&) = default;
};

// One version. Make it with MakeSharing or ParseSharing: the hash always is
// that of the canonical text.
struct SharingAgreement {
  SharingId id;
  std::uint32_t version = 1;
  SharingTerms terms;
  absl::Time created;
  // SHA-256 of the administrator's SubjectPublicKeyInfo; zero for one that is
  // not known.
  base::Digest32 made_by{};
  std::string canonical;
  base::Digest32 hash{};

  // Whether `service` is who it is made with.
  [[nodiscard]] bool Names(const Service& recipient) const;
  [[nodiscard]] bool InForce(absl::Time now) const {
    return now >= terms.from && now < terms.until;
  }
  [[nodiscard]] bool Covers(std::string_view attribute,
                            std::string_view purpose,
                            const Purposes& purposes) const;
};

using SharingPointer = std::shared_ptr<const SharingAgreement>;

// Errors:
//   kInvalidArgument  a field is missing, too long, unknown or not in order;
//                     the message names its path.
absl::Status CheckSharing(const SharingTerms& terms, const Purposes& purposes);

// `terms` has passed CheckSharing. Times are cut to milliseconds.
SharingAgreement MakeSharing(SharingId id, std::uint32_t version,
                             SharingTerms terms, absl::Time created,
                             const base::Digest32& made_by);

// Reads the canonical text back.
//
// Errors:
//   kDataLoss  not such a text.
absl::StatusOr<SharingAgreement> ParseSharing(std::string_view canonical);

// What a service may be given by a source when the administrator asks for
// nothing else: all of its ceiling, for the longest time.
SharingTerms DefaultSharingTerms(const Service& service, const SourceId& source,
                                 std::string_view source_name, absl::Time now);

// What `agreements`, all of one source and one recipient, allow now.
struct SharedLines {
  // One per attribute asked.
  std::vector<bool> allowed;
  // When the first of those that were needed ends; the far future when none
  // was.
  absl::Time until = absl::InfiniteFuture();
};
SharedLines ResolveSharing(std::span<const SharingPointer> agreements,
                           std::span<const std::string> attributes,
                           std::string_view purpose, const Purposes& purposes,
                           absl::Time now);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SHARING_SHARING_AGREEMENT_H_

// A basis notice: what a person is told when her data are processed under a
// legal basis other than consent or contract, and what of it she has read. A
// value. Not the notice of an agreement, which she read before she answered.
// docs/formats/basis-notice.md

#ifndef LIMPID_CONSENT_NOTICE_BASIS_NOTICE_H_
#define LIMPID_CONSENT_NOTICE_BASIS_NOTICE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/receipt/access_entry.h"
#include "consent/ids.h"

namespace limpid::consent {

struct BasisNoticeTag {
  static constexpr std::string_view kPrefix = "ntc";
};
using BasisNoticeId = base::Id<BasisNoticeTag>;

// Called after a commit that began a basis notice of the person.
using Noticed = std::function<void(const PersonId&, const BasisNoticeId&)>;

// Accesses under one record from the first on that share one notice: she is
// told on each day, and not a thousand times.
// docs/adr/2026-11-28-one-notice-a-day.md
inline constexpr absl::Duration kNoticeWindow = absl::Hours(24);
// Purposes and attributes that a notice remembers; further ones are in her log.
inline constexpr std::size_t kMaxNoticePurposes = 8;
inline constexpr std::size_t kMaxNoticeAttributes = 64;

// One access of which something was released.
struct NotedAccess {
  AccessId access;
  absl::Time time;
  // As asked for, a DPV IRI.
  const std::string& purpose;
  const std::vector<receipt::AccessLine>& lines;
};

struct BasisNotice {
  BasisNoticeId id;
  RecordId record;
  // Of the record's notices, from 1; 0 for none.
  std::uint64_t number = 0;
  ServiceId service;
  AgreementId agreement;
  std::uint32_t agreement_version = 0;
  receipt::LegalBasis basis = receipt::LegalBasis::kLegalObligation;
  // The first and the newest access it counts.
  absl::Time begin = absl::UnixEpoch();
  absl::Time last = absl::UnixEpoch();
  AccessId first_access;
  std::uint64_t count = 0;
  // How many of them she has acknowledged, and when; the epoch before that.
  std::uint64_t seen = 0;
  absl::Time acknowledged = absl::UnixEpoch();
  // Each once.
  std::vector<std::string> purposes;
  std::vector<std::string> attributes;

  // Whether an access at `time` belongs to it.
  [[nodiscard]] bool CountsAt(absl::Time time) const {
    return number != 0 && time < begin + kNoticeWindow;
  }
  [[nodiscard]] bool unread() const { return seen < count; }
  // Counts one; CountsAt said yes.
  void Count(const NotedAccess& access);

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kDataLoss  not exactly one notice.
  static absl::StatusOr<BasisNotice> Decode(base::ByteView bytes);

  friend bool operator==(const BasisNotice&, const BasisNotice&) = default;
};

// Whether the person is told of processing under this basis: every one but
// consent, which is her own act, and contract, to which she is a party (MIM4
// connectivity specification, L:UB-03). An unknown one is told.
[[nodiscard]] bool IsToldOf(receipt::LegalBasis basis);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_NOTICE_BASIS_NOTICE_H_

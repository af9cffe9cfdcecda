// Identifiers of the consent role. Consent alone maps a PersonId to the
// HolderId that one source knows; no store but its own holds a PersonId.
// docs/formats/ids.md

#ifndef LIMPID_CONSENT_IDS_H_
#define LIMPID_CONSENT_IDS_H_

#include <string_view>

#include "common/base/bytes.h"
#include "common/base/id.h"

namespace limpid::consent {

struct PersonTag {
  static constexpr std::string_view kPrefix = "per";
};
struct HolderTag {
  static constexpr std::string_view kPrefix = "hld";
};
struct ServiceTag {
  static constexpr std::string_view kPrefix = "svc";
};
struct AgreementTag {
  static constexpr std::string_view kPrefix = "agr";
};
struct RecordTag {
  static constexpr std::string_view kPrefix = "rec";
};
struct AccessTag {
  static constexpr std::string_view kPrefix = "acc";
};
struct SourceTag {
  static constexpr std::string_view kPrefix = "src";
};
struct SystemTag {
  static constexpr std::string_view kPrefix = "sys";
};
struct SnapshotTag {
  static constexpr std::string_view kPrefix = "snp";
};
struct ReceiptTag {
  static constexpr std::string_view kPrefix = "rcp";
};
struct SharingTag {
  static constexpr std::string_view kPrefix = "shr";
};
struct DelegationTag {
  static constexpr std::string_view kPrefix = "dlg";
};
struct StandingTag {
  static constexpr std::string_view kPrefix = "stp";
};
struct ServiceChangeTag {
  static constexpr std::string_view kPrefix = "chg";
};

using PersonId = base::Id<PersonTag>;
// What one source calls the person; random per (person, source).
using HolderId = base::Id<HolderTag>;
using ServiceId = base::Id<ServiceTag>;
using AgreementId = base::Id<AgreementTag>;
using RecordId = base::Id<RecordTag>;
using AccessId = base::Id<AccessTag>;
using SourceId = base::Id<SourceTag>;
using SystemId = base::Id<SystemTag>;
using SnapshotId = base::Id<SnapshotTag>;
using ReceiptId = base::Id<ReceiptTag>;
using SharingId = base::Id<SharingTag>;
using DelegationId = base::Id<DelegationTag>;
using StandingId = base::Id<StandingTag>;
using ServiceChangeId = base::Id<ServiceChangeTag>;
// What one service calls the person for one purpose; random.
using Pseudonym = base::ByteArray<16>;

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_IDS_H_

#include "consent/agreement/service_change.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/service-change/1";
// With public keys on either side.
constexpr std::string_view kLabelWithKeys = "limpid/service-change/2";
// With an embargo on either side; has public keys too, or empty lists of them.
constexpr std::string_view kLabelWithEmbargo = "limpid/service-change/3";
constexpr auto kLastState =
    static_cast<std::uint8_t>(ServiceChangeState::kOvertaken);

template <typename List>
bool IsSubset(const List& inner, const List& outer) {
  return std::all_of(inner.begin(), inner.end(), [&](const auto& one) {
    return std::find(outer.begin(), outer.end(), one) != outer.end();
  });
}

std::uint16_t Size(const auto& list) {
  return static_cast<std::uint16_t>(list.size());
}

void Write(const ServiceLimits& limits, base::ByteWriter& out) {
  out.U16(Size(limits.keys));
  for (const base::Digest32& key : limits.keys) out.Raw(key);
  out.U16(Size(limits.purposes));
  for (const std::string& purpose : limits.purposes) out.Lp(purpose);
  out.U16(Size(limits.attributes));
  for (const std::string& attribute : limits.attributes) out.Lp(attribute);
  out.U16(Size(limits.bases));
  for (const auto basis : limits.bases) {
    out.U8(static_cast<std::uint8_t>(basis));
  }
}

ServiceLimits ReadLimits(base::ByteReader& reader) {
  ServiceLimits out;
  for (auto left = reader.U16(); left > 0 && !reader.failed(); --left) {
    out.keys.push_back(reader.Array<32>());
  }
  for (auto left = reader.U16(); left > 0 && !reader.failed(); --left) {
    out.purposes.push_back(reader.LpText());
  }
  for (auto left = reader.U16(); left > 0 && !reader.failed(); --left) {
    out.attributes.insert(reader.LpText());
  }
  for (auto left = reader.U16(); left > 0 && !reader.failed(); --left) {
    out.bases.push_back(static_cast<receipt::LegalBasis>(reader.U8()));
  }
  return out;
}

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

// Reads the label if it is there.
bool BeginsWith(base::ByteReader& reader, std::string_view label) {
  base::ByteReader ahead = reader;
  ahead.Label(label);
  if (!ahead.failed()) reader = ahead;
  return !ahead.failed();
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

}  // namespace

ServiceLimits LimitsOf(const Service& service) {
  return {service.keys,  service.ceiling_purposes, service.ceiling_attributes,
          service.bases, service.public_keys,      service.embargo_days};
}

Service WithLimits(Service service, const ServiceLimits& limits) {
  service.keys = limits.keys;
  service.ceiling_purposes = limits.purposes;
  service.ceiling_attributes = limits.attributes;
  service.bases = limits.bases;
  service.public_keys = limits.public_keys;
  service.embargo_days = limits.embargo_days;
  return service;
}

bool OnlyNarrows(const ServiceLimits& before, const ServiceLimits& after,
                 const Purposes& purposes) {
  return IsSubset(after.keys, before.keys) &&
         IsSubset(after.attributes, before.attributes) &&
         IsSubset(after.bases, before.bases) &&
         IsSubset(after.public_keys, before.public_keys) &&
         after.embargo_days <= before.embargo_days &&
         std::all_of(after.purposes.begin(), after.purposes.end(),
                     [&](const std::string& purpose) {
                       return CoveringPurpose(purpose, before.purposes,
                                              purposes) != nullptr;
                     });
}

base::Bytes ServiceChange::Encode() const {
  const bool with_embargo = before.embargo_days != 0 || after.embargo_days != 0;
  const bool with_keys =
      with_embargo || !before.public_keys.empty() || !after.public_keys.empty();
  base::ByteWriter out(with_embargo ? kLabelWithEmbargo
                       : with_keys  ? kLabelWithKeys
                                    : kLabel);
  out.Raw(id.bytes()).Raw(service.bytes()).U8(static_cast<std::uint8_t>(state));
  Write(before, out);
  Write(after, out);
  out.Lp(reason)
      .Raw(proposed_by)
      .Raw(approved_by)
      .Raw(cancelled_by)
      .U64(Millis(proposed))
      .U64(Millis(approved))
      .U64(Millis(effective));
  telling.Write(out);
  if (with_keys) {
    WritePublicKeys(before.public_keys, out);
    WritePublicKeys(after.public_keys, out);
  }
  if (with_embargo) {
    out.U16(static_cast<std::uint16_t>(before.embargo_days))
        .U16(static_cast<std::uint16_t>(after.embargo_days));
  }
  return out.Take();
}

absl::StatusOr<ServiceChange> ServiceChange::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  const bool with_embargo = BeginsWith(reader, kLabelWithEmbargo);
  const bool with_keys = with_embargo || BeginsWith(reader, kLabelWithKeys);
  if (!with_keys) reader.Label(kLabel);
  ServiceChange out;
  out.id = ServiceChangeId(reader.Array<16>());
  out.service = ServiceId(reader.Array<16>());
  const std::uint8_t state = reader.U8();
  out.state = static_cast<ServiceChangeState>(state);
  out.before = ReadLimits(reader);
  out.after = ReadLimits(reader);
  out.reason = reader.LpText();
  out.proposed_by = reader.Array<32>();
  out.approved_by = reader.Array<32>();
  out.cancelled_by = reader.Array<32>();
  out.proposed = ReadTime(reader);
  out.approved = ReadTime(reader);
  out.effective = ReadTime(reader);
  out.telling = SweepCursor::Read(reader);
  const bool known_kinds =
      !with_keys || (ReadPublicKeys(reader, out.before.public_keys) &&
                     ReadPublicKeys(reader, out.after.public_keys));
  if (with_embargo) {
    out.before.embargo_days = reader.U16();
    out.after.embargo_days = reader.U16();
  }
  if (!reader.Finish().ok() || !known_kinds || state == 0 ||
      state > kLastState) {
    return absl::DataLossError("a stored service change is damaged");
  }
  return out;
}

absl::StatusOr<ServiceChange> Approved(const ServiceChange& change,
                                       const ServiceLimits& current,
                                       const base::Digest32& administrator,
                                       absl::Time now) {
  if (administrator == base::Digest32{} ||
      change.proposed_by == base::Digest32{} ||
      administrator == change.proposed_by) {
    return absl::PermissionDeniedError(
        "another administrator than the one who proposed must approve");
  }
  if (change.state != ServiceChangeState::kProposed) {
    return absl::FailedPreconditionError("the change is not proposed any more");
  }
  if (now - change.proposed > kProposalLife) {
    return absl::FailedPreconditionError("the proposal is too old");
  }
  if (current != change.before) {
    return absl::FailedPreconditionError(
        "the service has changed since this was proposed");
  }
  ServiceChange out = change;
  out.state = ServiceChangeState::kApproved;
  out.approved_by = administrator;
  out.approved = now;
  out.effective = now + kServiceChangeDelay;
  return out;
}

absl::StatusOr<ServiceChange> Cancelled(const ServiceChange& change,
                                        const base::Digest32& administrator) {
  if (change.state != ServiceChangeState::kProposed &&
      change.state != ServiceChangeState::kApproved) {
    return absl::FailedPreconditionError("the change cannot be cancelled");
  }
  ServiceChange out = change;
  out.state = ServiceChangeState::kCancelled;
  out.cancelled_by = administrator;
  return out;
}

absl::Status ServiceChangeBook::Load(const LedgerStore& store,
                                     const base::SecretBytes& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          store.ListPublic(PublicKind::kServiceChange));
  for (const PublicRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, row));
    LIMPID_ASSIGN_OR_RETURN(const ServiceChange change,
                            ServiceChange::Decode(opened));
    Put(change);
  }
  return absl::OkStatus();
}

void ServiceChangeBook::Put(const ServiceChange& change) {
  const base::MutexLock lock(mutex_);
  changes_[change.id] = change;
}

std::optional<ServiceChange> ServiceChangeBook::Find(
    const ServiceChangeId& id) const {
  const base::MutexLock lock(mutex_);
  const auto at = changes_.find(id);
  if (at == changes_.end()) return std::nullopt;
  return at->second;
}

std::vector<ServiceChange> ServiceChangeBook::All() const {
  std::vector<ServiceChange> out;
  {
    const base::MutexLock lock(mutex_);
    for (const auto& [id, change] : changes_) out.push_back(change);
  }
  std::sort(out.begin(), out.end(),
            [](const ServiceChange& left, const ServiceChange& right) {
              return std::tie(right.proposed, right.id) <
                     std::tie(left.proposed, left.id);
            });
  return out;
}

PublicRow RowOf(const base::SecretBytes& row_key, const ServiceChange& change) {
  PublicRow row;
  row.kind = PublicKind::kServiceChange;
  row.id = base::ToBytes(change.id.bytes());
  row.created_ms = absl::ToUnixMillis(change.proposed);
  row.payload = SealPublic(row_key, row.kind, row.id, change.Encode());
  return row;
}

}  // namespace limpid::consent

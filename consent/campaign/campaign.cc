#include "consent/campaign/campaign.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "common/base/status_macros.h"
#include "common/base/wire.h"
#include "consent/agreement/material_change.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {
namespace {

constexpr std::string_view kLabel = "limpid/reconsent-campaign/1";

std::uint64_t Millis(absl::Time time) {
  return static_cast<std::uint64_t>(absl::ToUnixMillis(time));
}

absl::Time ReadTime(base::ByteReader& reader) {
  return absl::FromUnixMillis(static_cast<std::int64_t>(reader.U64()));
}

const Agreement* FindVersion(const std::vector<AgreementPointer>& versions,
                             std::uint32_t version) {
  for (const AgreementPointer& one : versions) {
    if (one->version == version) return one.get();
  }
  return nullptr;
}

}  // namespace

base::Bytes Campaign::Encode() const {
  base::ByteWriter out(kLabel);
  out.Raw(agreement.bytes())
      .U32(version)
      .U8(material ? 1 : 0)
      .U64(Millis(created))
      .U64(Millis(outdated_from))
      .Raw(made_by);
  asking.Write(out);
  ending.Write(out);
  out.U64(asked_count);
  return out.Take();
}

absl::StatusOr<Campaign> Campaign::Decode(base::ByteView bytes) {
  base::ByteReader reader(bytes);
  reader.Label(kLabel);
  Campaign out;
  out.agreement = AgreementId(reader.Array<16>());
  out.version = reader.U32();
  out.material = reader.U8() != 0;
  out.created = ReadTime(reader);
  out.outdated_from = ReadTime(reader);
  out.made_by = reader.Array<32>();
  out.asking = SweepCursor::Read(reader);
  out.ending = SweepCursor::Read(reader);
  out.asked_count = reader.U64();
  if (!reader.Finish().ok()) {
    return absl::DataLossError("a stored campaign is damaged");
  }
  return out;
}

std::optional<absl::Time> OutdatedFrom(
    std::uint32_t version, const std::vector<AgreementPointer>& versions,
    const std::map<std::uint32_t, Campaign>& campaigns,
    const Purposes& purposes) {
  const Agreement* const own = FindVersion(versions, version);
  if (own == nullptr) return std::nullopt;
  std::optional<absl::Time> earliest;
  bool newest_is_material = false;
  for (auto at = campaigns.upper_bound(version); at != campaigns.end(); ++at) {
    const Agreement* const later = FindVersion(versions, at->first);
    if (later == nullptr) continue;
    newest_is_material =
        IsMaterialChange(own->content, later->content, purposes);
    if (!newest_is_material) continue;
    const absl::Time end = at->second.outdated_from;
    earliest = earliest ? std::min(*earliest, end) : end;
  }
  return newest_is_material ? earliest : std::nullopt;
}

std::uint64_t CoarseCount(std::uint64_t count) {
  if (count < 10) return 0;
  std::uint64_t unit = 1;
  while (count / unit >= 10) unit *= 10;
  return count / unit * unit;
}

absl::Status CampaignBook::Load(const LedgerStore& store,
                                const base::SecretBytes& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          store.ListPublic(PublicKind::kCampaign));
  for (const PublicRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, row));
    LIMPID_ASSIGN_OR_RETURN(const Campaign campaign, Campaign::Decode(opened));
    Put(campaign);
  }
  return absl::OkStatus();
}

void CampaignBook::Put(const Campaign& campaign) {
  const auto versions = catalogue_.VersionsOf(campaign.agreement);
  const base::MutexLock lock(mutex_);
  auto& campaigns = campaigns_[campaign.agreement];
  campaigns[campaign.version] = campaign;
  for (const AgreementPointer& one : versions) {
    const auto from =
        consent::OutdatedFrom(one->version, versions, campaigns, purposes_);
    if (from) {
      outdated_[{one->id, one->version}] = *from;
    } else {
      outdated_.erase({one->id, one->version});
    }
  }
}

std::optional<absl::Time> CampaignBook::OutdatedFrom(
    const AgreementId& agreement, std::uint32_t version) const {
  const base::MutexLock lock(mutex_);
  const auto at = outdated_.find({agreement, version});
  if (at == outdated_.end()) return std::nullopt;
  return at->second;
}

std::optional<Campaign> CampaignBook::Find(const AgreementId& agreement,
                                           std::uint32_t version) const {
  const base::MutexLock lock(mutex_);
  const auto at = campaigns_.find(agreement);
  if (at == campaigns_.end()) return std::nullopt;
  const auto one = at->second.find(version);
  if (one == at->second.end()) return std::nullopt;
  return one->second;
}

std::vector<Campaign> CampaignBook::All() const {
  const base::MutexLock lock(mutex_);
  std::vector<Campaign> out;
  for (const auto& [agreement, campaigns] : campaigns_) {
    for (const auto& [version, campaign] : campaigns) out.push_back(campaign);
  }
  return out;
}

PublicRow RowOf(const base::SecretBytes& row_key, const Campaign& campaign) {
  base::ByteWriter id;
  id.Raw(campaign.agreement.bytes()).U32(campaign.version);
  PublicRow row;
  row.kind = PublicKind::kCampaign;
  row.id = id.Take();
  row.created_ms = absl::ToUnixMillis(campaign.created);
  row.payload = SealPublic(row_key, row.kind, row.id, campaign.Encode());
  return row;
}

}  // namespace limpid::consent

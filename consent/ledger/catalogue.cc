#include "consent/ledger/catalogue.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"

namespace limpid::consent {

absl::Status Catalogue::Load(const LedgerStore& store) {
  LIMPID_ASSIGN_OR_RETURN(const auto services,
                          store.ListPublic(PublicKind::kService));
  for (const PublicRow& row : services) {
    LIMPID_ASSIGN_OR_RETURN(Service service,
                            ParseService(base::AsText(row.payload)));
    Put(std::move(service));
  }
  LIMPID_ASSIGN_OR_RETURN(const auto agreements,
                          store.ListPublic(PublicKind::kAgreement));
  for (const PublicRow& row : agreements) {
    LIMPID_ASSIGN_OR_RETURN(Agreement agreement,
                            ParseAgreement(base::AsText(row.payload)));
    Put(std::move(agreement));
  }
  return absl::OkStatus();
}

void Catalogue::Put(Service service) {
  const base::MutexLock lock(mutex_);
  // A key that was taken from the service opens nothing any more.
  std::erase_if(keys_,
                [&](const auto& entry) { return entry.second == service.id; });
  for (const base::Digest32& key : service.keys) keys_[key] = service.id;
  const ServiceId id = service.id;
  services_[id] = std::make_shared<const Service>(std::move(service));
}

void Catalogue::Put(Agreement agreement) {
  const base::MutexLock lock(mutex_);
  const auto key = std::make_pair(agreement.id, agreement.version);
  agreements_[key] = std::make_shared<const Agreement>(std::move(agreement));
}

ServicePointer Catalogue::FindService(const ServiceId& id) const {
  const base::MutexLock lock(mutex_);
  const auto at = services_.find(id);
  return at == services_.end() ? nullptr : at->second;
}

ServicePointer Catalogue::FindServiceByKey(
    const base::Digest32& spki_thumbprint) const {
  const base::MutexLock lock(mutex_);
  const auto key = keys_.find(spki_thumbprint);
  if (key == keys_.end()) return nullptr;
  return services_.at(key->second);
}

AgreementPointer Catalogue::FindAgreement(const AgreementId& id,
                                          std::uint32_t version) const {
  const base::MutexLock lock(mutex_);
  const auto at = agreements_.find({id, version});
  return at == agreements_.end() ? nullptr : at->second;
}

std::vector<AgreementPointer> Catalogue::VersionsOf(
    const AgreementId& id) const {
  const base::MutexLock lock(mutex_);
  std::vector<AgreementPointer> out;
  for (auto at = agreements_.lower_bound({id, 0});
       at != agreements_.end() && at->first.first == id; ++at) {
    out.push_back(at->second);
  }
  return out;
}

std::vector<ServicePointer> Catalogue::Services() const {
  const base::MutexLock lock(mutex_);
  std::vector<ServicePointer> out;
  for (const auto& [id, service] : services_) out.push_back(service);
  return out;
}

std::vector<AgreementPointer> Catalogue::AgreementsOf(
    const ServiceId& service) const {
  const base::MutexLock lock(mutex_);
  std::vector<AgreementPointer> out;
  for (const auto& [key, agreement] : agreements_) {
    if (agreement->service == service) out.push_back(agreement);
  }
  return out;
}

PublicRow RowOf(const Service& service) {
  PublicRow row;
  row.kind = PublicKind::kService;
  row.id = base::ToBytes(service.id.bytes());
  row.created_ms = absl::ToUnixMillis(service.created);
  row.payload = base::ToBytes(StoredService(service));
  return row;
}

PublicRow RowOf(const Agreement& agreement) {
  PublicRow row;
  row.kind = PublicKind::kAgreement;
  row.id = base::ToBytes(agreement.hash);
  row.created_ms = absl::ToUnixMillis(agreement.created);
  row.payload = base::ToBytes(StoredAgreement(agreement));
  return row;
}

}  // namespace limpid::consent

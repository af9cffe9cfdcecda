#include "consent/sharing/sharing_book.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {

absl::Status SharingBook::Load(const LedgerStore& store,
                               const base::SecretBytes& row_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          store.ListPublic(PublicKind::kSharing));
  for (const PublicRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, row));
    LIMPID_ASSIGN_OR_RETURN(SharingAgreement sharing,
                            ParseSharing(base::AsText(opened)));
    Put(std::move(sharing));
  }
  return absl::OkStatus();
}

void SharingBook::Put(SharingAgreement sharing) {
  const base::MutexLock lock(mutex_);
  auto made = std::make_shared<const SharingAgreement>(std::move(sharing));
  all_[{made->id, made->version}] = made;
  // Rows come in any order, and a version may name another recipient.
  const auto next = all_.upper_bound({made->id, made->version});
  if (next != all_.end() && next->first.first == made->id) return;
  const auto before = all_.find({made->id, made->version});
  if (before != all_.begin()) {
    const SharingPointer& older = std::prev(before)->second;
    if (older->id == made->id) {
      newest_[{older->terms.source, older->terms.service}].erase(made->id);
    }
  }
  newest_[{made->terms.source, made->terms.service}][made->id] = made;
}

std::vector<SharingPointer> SharingBook::Between(const SourceId& source,
                                                 const Service& service) const {
  const base::MutexLock lock(mutex_);
  std::vector<SharingPointer> out;
  for (const ServiceId& recipient : {service.id, ServiceId()}) {
    const auto at = newest_.find({source, recipient});
    if (at == newest_.end()) continue;
    for (const auto& [id, sharing] : at->second) {
      if (sharing->Names(service)) out.push_back(sharing);
    }
  }
  return out;
}

std::vector<SharingPointer> SharingBook::VersionsOf(const SharingId& id) const {
  const base::MutexLock lock(mutex_);
  std::vector<SharingPointer> out;
  for (auto at = all_.lower_bound({id, 0});
       at != all_.end() && at->first.first == id; ++at) {
    out.push_back(at->second);
  }
  return out;
}

std::vector<SharingPointer> SharingBook::All() const {
  const base::MutexLock lock(mutex_);
  std::vector<SharingPointer> out;
  out.reserve(all_.size());
  for (const auto& [key, sharing] : all_) out.push_back(sharing);
  return out;
}

PublicRow RowOf(const base::SecretBytes& row_key,
                const SharingAgreement& sharing) {
  PublicRow row;
  row.kind = PublicKind::kSharing;
  row.id = base::ToBytes(sharing.hash);
  row.created_ms = absl::ToUnixMillis(sharing.created);
  row.payload =
      SealPublic(row_key, row.kind, row.id, base::AsBytes(sharing.canonical));
  return row;
}

}  // namespace limpid::consent

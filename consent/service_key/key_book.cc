#include "consent/service_key/key_book.h"

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "consent/ledger/sealing.h"

namespace limpid::consent {

absl::Status ServiceKeyBook::Load(
    const LedgerStore& store, const base::SecretBytes& row_key,
    const crypto::Ed25519PublicKey& operator_key) {
  LIMPID_ASSIGN_OR_RETURN(const auto rows,
                          store.ListPublic(PublicKind::kServiceKeys));
  for (const PublicRow& row : rows) {
    LIMPID_ASSIGN_OR_RETURN(const base::Bytes opened, OpenPublic(row_key, row));
    LIMPID_ASSIGN_OR_RETURN(ServiceKeyChain chain,
                            ServiceKeyChain::Decode(opened));
    LIMPID_RETURN_IF_ERROR(Follow(operator_key, chain));
    Put(std::move(chain));
  }
  return absl::OkStatus();
}

void ServiceKeyBook::Put(ServiceKeyChain chain) {
  const base::MutexLock lock(mutex_);
  const ServiceId service = chain.service;
  chains_[service] = std::move(chain);
}

ServiceKeyChain ServiceKeyBook::Find(const ServiceId& service) const {
  const base::MutexLock lock(mutex_);
  const auto at = chains_.find(service);
  if (at != chains_.end()) return at->second;
  ServiceKeyChain none;
  none.service = service;
  return none;
}

std::vector<ServiceKeyBook::Item> ServiceKeyBook::Items() const {
  const base::MutexLock lock(mutex_);
  std::vector<Item> out;
  out.reserve(chains_.size());
  for (const auto& [service, chain] : chains_) {
    out.push_back({service, chain.waits()});
  }
  return out;
}

}  // namespace limpid::consent

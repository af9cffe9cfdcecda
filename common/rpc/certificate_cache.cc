#include "common/rpc/certificate_cache.h"

#include "common/crypto/x509.h"

namespace limpid::rpc {

CertificateIdentity CertificateCache::Look(std::string_view pem) {
  const absl::Duration now = clock_.Monotonic();
  std::string key(pem);
  {
    const base::MutexLock lock(mutex_);
    const auto found = known_.find(key);
    if (found != known_.end() && now < found->second.until) {
      return found->second.identity;
    }
  }
  const CertificateIdentity identity = Read(pem);
  const base::MutexLock lock(mutex_);
  if (known_.size() >= kLimit) known_.clear();
  known_.insert_or_assign(std::move(key), Remembered{identity, now + kLife});
  return identity;
}

CertificateIdentity CertificateCache::Read(std::string_view pem) const {
  CertificateIdentity identity;
  const absl::Time now = clock_.Now();
  const auto facts = crypto::ReadCertificate(pem);
  if (!facts.ok() || now < facts->not_before || now >= facts->not_after) {
    return identity;
  }
  identity.usable = true;
  identity.spki_thumbprint = facts->spki_thumbprint;
  if (!admin_ca_pem_.empty()) {
    identity.administrator =
        crypto::IsIssuedBy(pem, admin_ca_pem_, now).value_or(false);
  }
  return identity;
}

}  // namespace limpid::rpc

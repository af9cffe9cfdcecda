#include "common/rpc/certificate_cache.h"

#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace limpid::rpc {
namespace {

struct FreeX509 {
  void operator()(X509* x) const { X509_free(x); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;

X509Ptr Parse(std::string_view pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509Ptr out(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  return out;
}

bool IsIssuedBy(X509* leaf, std::string_view ca_pem) {
  const X509Ptr ca = Parse(ca_pem);
  if (ca == nullptr) return false;
  EVP_PKEY* const key = X509_get0_pubkey(ca.get());
  return X509_check_issued(ca.get(), leaf) == X509_V_OK && key != nullptr &&
         X509_verify(leaf, key) == 1;
}

}  // namespace

CertificateFacts CertificateCache::Look(std::string_view pem) {
  const absl::Duration now = clock_.Monotonic();
  {
    const base::MutexLock lock(mutex_);
    const auto found = known_.find(std::string(pem));
    if (found != known_.end() && now < found->second.until) {
      return found->second.facts;
    }
  }
  const CertificateFacts facts = Read(pem);
  const base::MutexLock lock(mutex_);
  if (known_.size() >= kLimit) known_.clear();
  known_.insert_or_assign(std::string(pem), Remembered{facts, now + kLife});
  return facts;
}

CertificateFacts CertificateCache::Read(std::string_view pem) const {
  CertificateFacts facts;
  const X509Ptr leaf = Parse(pem);
  if (leaf == nullptr) return facts;
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(leaf.get()), &der);
  if (size <= 0) return facts;
  SHA256(der, static_cast<std::size_t>(size), facts.spki_thumbprint.data());
  OPENSSL_free(der);
  std::time_t now = absl::ToTimeT(clock_.Now());
  facts.usable = X509_cmp_time(X509_get0_notBefore(leaf.get()), &now) < 0 &&
                 X509_cmp_time(X509_get0_notAfter(leaf.get()), &now) > 0;
  facts.administrator = facts.usable && !admin_ca_pem_.empty() &&
                        IsIssuedBy(leaf.get(), admin_ca_pem_);
  return facts;
}

}  // namespace limpid::rpc

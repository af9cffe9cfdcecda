// Owning pointers to OpenSSL's objects. For the .cc files of this folder; no
// other header includes it.

#ifndef LIMPID_COMMON_CRYPTO_OPENSSL_PTR_H_
#define LIMPID_COMMON_CRYPTO_OPENSSL_PTR_H_

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "common/base/bytes.h"
#include "common/base/check.h"

namespace limpid::crypto {

template <auto kFree>
struct OpenSslDeleter {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

using BioPtr = std::unique_ptr<BIO, OpenSslDeleter<BIO_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY_free>>;
using KeyContextPtr =
    std::unique_ptr<EVP_PKEY_CTX, OpenSslDeleter<EVP_PKEY_CTX_free>>;
using MdContextPtr =
    std::unique_ptr<EVP_MD_CTX, OpenSslDeleter<EVP_MD_CTX_free>>;
using EcdsaPtr = std::unique_ptr<ECDSA_SIG, OpenSslDeleter<ECDSA_SIG_free>>;
using CertificatePtr = std::unique_ptr<X509, OpenSslDeleter<X509_free>>;

// Reads `bytes` in place; they must outlive the result. Callers cap lengths
// far below INT_MAX.
inline BioPtr ReadBio(base::ByteView bytes) {
  LIMPID_CHECK(std::in_range<int>(bytes.size()));
  // OpenSSL takes no null pointer, even for nothing.
  const void* const data =
      bytes.empty() ? "" : static_cast<const void*>(bytes.data());
  BioPtr bio(BIO_new_mem_buf(data, static_cast<int>(bytes.size())));
  LIMPID_CHECK(bio != nullptr);
  return bio;
}

// The bytes written to a memory BIO. Valid as long as `bio` is unchanged.
inline base::ByteView Written(BIO* bio) {
  const unsigned char* data = nullptr;
  const auto size = static_cast<std::size_t>(
      BIO_get_mem_data(bio, &data));  // A macro that casts.
  return {data, size};
}

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_OPENSSL_PTR_H_

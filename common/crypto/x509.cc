#include "common/crypto/x509.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstddef>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/check.h"
#include "common/base/status_macros.h"
#include "common/crypto/hash.h"
#include "common/crypto/openssl_ptr.h"

namespace limpid::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::Digest32;

using StorePtr = std::unique_ptr<X509_STORE, OpenSslDeleter<X509_STORE_free>>;
using StoreContextPtr =
    std::unique_ptr<X509_STORE_CTX, OpenSslDeleter<X509_STORE_CTX_free>>;
using NamesPtr =
    std::unique_ptr<GENERAL_NAMES, OpenSslDeleter<GENERAL_NAMES_free>>;

// 128-bit security at least: no SHA-1, no short RSA (SSL_CTX_set_security_level
// of the OpenSSL manual, level 2 means 112 bits).
constexpr int kSecurityLevel = 2;

absl::Status NoCertificate() {
  ERR_clear_error();
  return absl::InvalidArgumentError("not a PEM certificate");
}

// All certificates of a PEM text, at least one.
absl::StatusOr<std::vector<CertificatePtr>> Parse(std::string_view pem) {
  const BioPtr bio = ReadBio(base::AsBytes(pem));
  std::vector<CertificatePtr> out;
  while (X509* const next =
             PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    out.emplace_back(next);
  }
  // The loop ends with "no start line" in the queue, or a worse reason.
  const bool clean =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (out.empty() || !clean) return NoCertificate();
  return out;
}

// The DER of a public key by `encode`, hashed.
template <typename T>
Digest32 HashDer(const T* object, int (*encode)(const T*, unsigned char**)) {
  const int size = encode(object, nullptr);
  LIMPID_CHECK(size > 0);
  Bytes der(static_cast<std::size_t>(size));
  unsigned char* end = der.data();
  LIMPID_CHECK(encode(object, &end) == size);
  return Sha256(der);
}

Digest32 Thumbprint(X509* certificate) {
  return HashDer<X509_PUBKEY>(X509_get_X509_PUBKEY(certificate),
                              i2d_X509_PUBKEY);
}

std::string TextOf(const ASN1_STRING* text) {
  return base::ToText({ASN1_STRING_get0_data(text),
                       static_cast<std::size_t>(ASN1_STRING_length(text))});
}

absl::StatusOr<absl::Time> TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return NoCertificate();
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string CommonName(X509* certificate) {
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return "";
  return TextOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
}

// Empty when the address has neither 4 nor 16 bytes.
std::string AddressText(const ASN1_OCTET_STRING* address) {
  constexpr int kIpv4Bytes = 4;
  constexpr int kIpv6Bytes = 16;
  const int size = ASN1_STRING_length(address);
  if (size != kIpv4Bytes && size != kIpv6Bytes) return "";
  std::array<char, INET6_ADDRSTRLEN> text{};
  const char* const out =
      inet_ntop(size == kIpv4Bytes ? AF_INET : AF_INET6,
                ASN1_STRING_get0_data(address), text.data(), text.size());
  return out == nullptr ? "" : out;
}

void AddName(const GENERAL_NAME* name, CertificateFacts& facts) {
  int type = 0;
  const void* const value = GENERAL_NAME_get0_value(name, &type);
  const auto* const text = static_cast<const ASN1_STRING*>(value);
  if (type == GEN_DNS) facts.dns_names.push_back(TextOf(text));
  if (type == GEN_URI) facts.uris.push_back(TextOf(text));
  if (type == GEN_IPADD) facts.ip_addresses.push_back(AddressText(text));
}

void AddAlternativeNames(X509* certificate, CertificateFacts& facts) {
  const NamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  if (names == nullptr) return;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    AddName(sk_GENERAL_NAME_value(names.get(), i), facts);
  }
}

// Whether `leaf` chains to `store` at `now`.
bool Verifies(X509_STORE* store, X509* leaf, absl::Time now) {
  const StoreContextPtr context(X509_STORE_CTX_new());
  LIMPID_CHECK(context != nullptr &&
               X509_STORE_CTX_init(context.get(), store, leaf, nullptr) == 1);
  X509_VERIFY_PARAM* const rules = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(rules, absl::ToTimeT(now));
  X509_VERIFY_PARAM_set_auth_level(rules, kSecurityLevel);
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  LIMPID_CHECK(X509_VERIFY_PARAM_set_purpose(rules, X509_PURPOSE_SSL_CLIENT) ==
               1);
  const bool good = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificate(std::string_view pem) {
  LIMPID_ASSIGN_OR_RETURN(const auto certificates, Parse(pem));
  X509* const certificate = certificates.front().get();
  CertificateFacts facts;
  facts.common_name = CommonName(certificate);
  AddAlternativeNames(certificate, facts);
  LIMPID_ASSIGN_OR_RETURN(facts.not_before,
                          TimeOf(X509_get0_notBefore(certificate)));
  LIMPID_ASSIGN_OR_RETURN(facts.not_after,
                          TimeOf(X509_get0_notAfter(certificate)));
  facts.is_authority = X509_check_ca(certificate) != 0;
  facts.spki_thumbprint = Thumbprint(certificate);
  ERR_clear_error();
  return facts;
}

absl::StatusOr<Digest32> SpkiThumbprint(std::string_view pem) {
  const auto certificates = Parse(pem);
  if (certificates.ok()) return Thumbprint(certificates->front().get());
  const BioPtr bio = ReadBio(base::AsBytes(pem));
  const KeyPtr key(PEM_read_bio_PUBKEY(bio.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError("neither a certificate nor a public key");
  }
  return HashDer<EVP_PKEY>(key.get(), i2d_PUBKEY);
}

absl::StatusOr<bool> IsIssuedBy(std::string_view certificate_pem,
                                std::string_view authorities_pem,
                                absl::Time now) {
  LIMPID_ASSIGN_OR_RETURN(const auto leaves, Parse(certificate_pem));
  LIMPID_ASSIGN_OR_RETURN(const auto authorities, Parse(authorities_pem));
  X509* const leaf = leaves.front().get();
  if (X509_check_ca(leaf) != 0) return false;
  const StorePtr store(X509_STORE_new());
  LIMPID_CHECK(store != nullptr);
  for (const CertificatePtr& authority : authorities) {
    // A leaf among the anchors would vouch for itself.
    if (X509_check_ca(authority.get()) == 0) continue;
    LIMPID_CHECK(X509_STORE_add_cert(store.get(), authority.get()) == 1);
  }
  return Verifies(store.get(), leaf, now);
}

absl::Status CheckKeyPair(std::string_view certificate_pem,
                          std::string_view private_key_pem) {
  LIMPID_ASSIGN_OR_RETURN(const auto certificates, Parse(certificate_pem));
  const BioPtr bio = ReadBio(base::AsBytes(private_key_pem));
  const KeyPtr key(PEM_read_bio_PrivateKey(
      bio.get(), nullptr,
      [](char*, int, int, void*) { return -1; },  // Never prompt.
      nullptr));
  const bool pair =
      key != nullptr &&
      X509_check_private_key(certificates.front().get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) {
    return absl::InvalidArgumentError("not a PEM private key");
  }
  return pair ? absl::OkStatus()
              : absl::InvalidArgumentError(
                    "the certificate is not that of this private key");
}

}  // namespace limpid::crypto

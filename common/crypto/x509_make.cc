// The making half of x509.h.

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
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
#include "common/crypto/es256.h"
#include "common/crypto/openssl_ptr.h"
#include "common/crypto/random.h"
#include "common/crypto/x509.h"

namespace limpid::crypto {
namespace {

using base::ByteView;
using base::SecretAccess;
using base::SecretBytes;

using ExtensionPtr =
    std::unique_ptr<X509_EXTENSION, OpenSslDeleter<X509_EXTENSION_free>>;
using NamePtr =
    std::unique_ptr<GENERAL_NAME, OpenSslDeleter<GENERAL_NAME_free>>;
using NamesPtr =
    std::unique_ptr<GENERAL_NAMES, OpenSslDeleter<GENERAL_NAMES_free>>;
using BigNumberPtr = std::unique_ptr<BIGNUM, OpenSslDeleter<BN_free>>;

// 127 random bits: positive and within the 20 octets of RFC 5280 4.1.2.2.
constexpr std::size_t kSerialBytes = 16;
constexpr std::uint8_t kSerialTopMask = 0x7F;
constexpr std::size_t kMaxDnsNameBytes = 253;
// The version field counts from zero: X.509 v3.
constexpr int kVersion3 = 2;

absl::Status CheckSubject(std::string_view common_name,
                          const Validity& validity) {
  if (common_name.empty() || common_name.size() > kMaxCommonNameBytes ||
      !base::IsUtf8(common_name)) {
    return absl::InvalidArgumentError(
        "a certificate's name has 1 to 64 bytes of UTF-8");
  }
  if (validity.not_before >= validity.not_after) {
    return absl::InvalidArgumentError("the certificate's validity is empty");
  }
  return absl::OkStatus();
}

// Sets everything but the extensions and the signature.
CertificatePtr Draft(std::string_view common_name, const Validity& validity,
                     EVP_PKEY* key) {
  CertificatePtr certificate(X509_new());
  auto serial = RandomArray<kSerialBytes>();
  serial.front() &= kSerialTopMask;
  serial.back() |= 1U;  // Never zero.
  const BigNumberPtr number(
      BN_bin2bn(serial.data(), static_cast<int>(serial.size()), nullptr));
  X509* const out = certificate.get();
  LIMPID_CHECK(out != nullptr && number != nullptr &&
               X509_set_version(out, kVersion3) == 1 &&
               BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(out)) !=
                   nullptr &&
               X509_set_pubkey(out, key) == 1);
  // OpenSSL takes a certificate as expired from notAfter on.
  LIMPID_CHECK(ASN1_TIME_set(X509_getm_notBefore(out),
                             absl::ToTimeT(validity.not_before)) != nullptr &&
               ASN1_TIME_set(X509_getm_notAfter(out),
                             absl::ToTimeT(validity.not_after)) != nullptr);
  const ByteView name = base::AsBytes(common_name);
  LIMPID_CHECK(X509_NAME_add_entry_by_NID(
                   X509_get_subject_name(out), NID_commonName, MBSTRING_UTF8,
                   name.data(), static_cast<int>(name.size()), -1, 0) == 1);
  return certificate;
}

// `value` in OpenSSL's configuration language: ours, never a caller's text.
void AddExtension(X509* subject, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, subject, nullptr, nullptr, 0);
  const ExtensionPtr extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  LIMPID_CHECK(extension != nullptr &&
               X509_add_ext(subject, extension.get(), -1) == 1);
}

// Writes, signs and prints.
std::string Finish(X509* certificate, X509* issuer, EVP_PKEY* issuer_key) {
  LIMPID_CHECK(
      X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1);
  AddExtension(certificate, issuer, NID_subject_key_identifier, "hash");
  AddExtension(certificate, issuer, NID_authority_key_identifier, "keyid");
  LIMPID_CHECK(X509_sign(certificate, issuer_key, EVP_sha256()) > 0);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  LIMPID_CHECK(bio != nullptr &&
               PEM_write_bio_X509(bio.get(), certificate) == 1);
  return base::ToText(Written(bio.get()));
}

KeyPtr ParseKey(const SecretBytes& pem) {
  const BioPtr bio = ReadBio(pem.Reveal(SecretAccess::Get()));
  return KeyPtr(PEM_read_bio_PrivateKey(
      bio.get(), nullptr,
      [](char*, int, int, void*) { return -1; },  // Never prompt.
      nullptr));
}

bool IsDnsName(std::string_view name) {
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.';
  };
  return !name.empty() && name.size() <= kMaxDnsNameBytes &&
         name.front() != '.' && name.back() != '.' &&
         name.find("..") == std::string_view::npos &&
         std::all_of(name.begin(), name.end(), good);
}

bool IsUri(std::string_view uri) {
  const auto graphic = [](char c) { return c > ' ' && c < 0x7F; };
  const auto colon = uri.find(':');
  return colon != 0 && colon != std::string_view::npos &&
         std::all_of(uri.begin(), uri.end(), graphic);
}

void Push(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  NamePtr name(GENERAL_NAME_new());
  LIMPID_CHECK(name != nullptr && value != nullptr);
  GENERAL_NAME_set0_value(name.get(), type, value);
  LIMPID_CHECK(sk_GENERAL_NAME_push(names, name.get()) > 0);
  (void)name.release();
}

void PushText(GENERAL_NAMES* names, int type, std::string_view text) {
  ASN1_IA5STRING* const value = ASN1_IA5STRING_new();
  LIMPID_CHECK(
      value != nullptr &&
      ASN1_STRING_set(value, text.data(), static_cast<int>(text.size())) == 1);
  Push(names, type, value);
}

absl::StatusOr<NamesPtr> AlternativeNames(const LeafProfile& profile) {
  NamesPtr names(GENERAL_NAMES_new());
  LIMPID_CHECK(names != nullptr);
  for (const std::string& name : profile.dns_names) {
    if (!IsDnsName(name)) {
      return absl::InvalidArgumentError("not a DNS name in lower case");
    }
    PushText(names.get(), GEN_DNS, name);
  }
  for (const std::string& address : profile.ip_addresses) {
    ASN1_OCTET_STRING* const value = a2i_IPADDRESS(address.c_str());
    if (value == nullptr) {
      return absl::InvalidArgumentError("not an IP address");
    }
    Push(names.get(), GEN_IPADD, value);
  }
  for (const std::string& uri : profile.uris) {
    if (!IsUri(uri)) return absl::InvalidArgumentError("not a URI");
    PushText(names.get(), GEN_URI, uri);
  }
  return names;
}

absl::StatusOr<CertificatePtr> ParseAuthority(const Credential& authority) {
  const BioPtr bio = ReadBio(base::AsBytes(authority.certificate_pem));
  CertificatePtr certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  const KeyPtr key = ParseKey(authority.private_key_pem);
  const bool good = certificate != nullptr && key != nullptr &&
                    X509_check_ca(certificate.get()) != 0 &&
                    X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!good) {
    return absl::InvalidArgumentError(
        "the certificate and key are not those of an authority");
  }
  return certificate;
}

const char* KeyUsages(const LeafProfile& profile) {
  if (profile.server && profile.client) return "serverAuth,clientAuth";
  return profile.server ? "serverAuth" : "clientAuth";
}

}  // namespace

absl::StatusOr<Credential> MakeAuthority(std::string_view common_name,
                                         const Validity& validity) {
  LIMPID_RETURN_IF_ERROR(CheckSubject(common_name, validity));
  SecretBytes pem = Es256PrivateKey::Generate().Pem();
  const KeyPtr key = ParseKey(pem);
  const CertificatePtr certificate = Draft(common_name, validity, key.get());
  X509* const self = certificate.get();
  AddExtension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  AddExtension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign");
  return Credential{std::move(pem), Finish(self, self, key.get())};
}

absl::StatusOr<Credential> IssueLeaf(const Credential& authority,
                                     const LeafProfile& profile) {
  LIMPID_RETURN_IF_ERROR(CheckSubject(profile.common_name, profile.validity));
  if (!profile.server && !profile.client) {
    return absl::InvalidArgumentError(
        "a certificate is for a server, a client or both");
  }
  LIMPID_ASSIGN_OR_RETURN(const NamesPtr names, AlternativeNames(profile));
  LIMPID_ASSIGN_OR_RETURN(const CertificatePtr issuer,
                          ParseAuthority(authority));
  const KeyPtr issuer_key = ParseKey(authority.private_key_pem);
  SecretBytes pem = Es256PrivateKey::Generate().Pem();
  const KeyPtr key = ParseKey(pem);
  const CertificatePtr certificate =
      Draft(profile.common_name, profile.validity, key.get());
  X509* const leaf = certificate.get();
  AddExtension(leaf, issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
  AddExtension(leaf, issuer.get(), NID_key_usage, "critical,digitalSignature");
  AddExtension(leaf, issuer.get(), NID_ext_key_usage, KeyUsages(profile));
  if (sk_GENERAL_NAME_num(names.get()) > 0) {
    LIMPID_CHECK(X509_add1_ext_i2d(leaf, NID_subject_alt_name, names.get(),
                                   /*crit=*/0, 0) == 1);
  }
  return Credential{std::move(pem),
                    Finish(leaf, issuer.get(), issuer_key.get())};
}

}  // namespace limpid::crypto

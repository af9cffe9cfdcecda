// X.509 certificates as text in and text out: what a peer's certificate says,
// whether an authority issued it, and the small authorities that `limpid
// admin` makes. Trust decisions belong to callers. Thread-safe.

#ifndef LIMPID_COMMON_CRYPTO_X509_H_
#define LIMPID_COMMON_CRYPTO_X509_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"

namespace limpid::crypto {

// Longest common name (RFC 5280 appendix A, ub-common-name).
inline constexpr std::size_t kMaxCommonNameBytes = 64;

// What one certificate says. Nothing here is verified.
struct CertificateFacts {
  std::string common_name;  // Of the subject; empty without one.
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;  // Dotted or RFC 5952.
  std::vector<std::string> uris;
  absl::Time not_before;
  absl::Time not_after;
  bool is_authority = false;
  // SHA-256 of the DER SubjectPublicKeyInfo: the name of the key.
  base::Digest32 spki_thumbprint{};
};

// Reads the first certificate of `pem`.
//
// Errors:
//   kInvalidArgument  no readable certificate.
absl::StatusOr<CertificateFacts> ReadCertificate(std::string_view pem);

// The thumbprint alone; about 30 us, so keep it per connection. Also takes a
// PEM public key.
//
// Errors:
//   kInvalidArgument  neither a certificate nor a public key.
absl::StatusOr<base::Digest32> SpkiThumbprint(std::string_view pem);

// Whether one of the certificates in `authorities_pem` issued the first
// certificate of `certificate_pem` directly, and both are valid at `now`, and
// it may be a TLS client. An authority never counts as issued by itself.
//
// Errors:
//   kInvalidArgument  one of the texts has no readable certificate.
absl::StatusOr<bool> IsIssuedBy(std::string_view certificate_pem,
                                std::string_view authorities_pem,
                                absl::Time now);

// Whether the first certificate is that of this private key (PEM, not
// encrypted).
//
// Errors:
//   kInvalidArgument  it is not, or one of them does not read; says which.
absl::Status CheckKeyPair(std::string_view certificate_pem,
                          std::string_view private_key_pem);

// A private key (PKCS #8) and its certificate, both PEM.
struct Credential {
  base::SecretBytes private_key_pem;
  std::string certificate_pem;
};

// Half-open: [not_before, not_after), whole seconds.
struct Validity {
  absl::Time not_before;
  absl::Time not_after;
};

// A self-signed P-256 authority that issues leaves only (path length 0).
//
// Errors:
//   kInvalidArgument  the name is empty, too long or not UTF-8, or the
//                     validity is empty.
absl::StatusOr<Credential> MakeAuthority(std::string_view common_name,
                                         const Validity& validity);

// What a leaf is to say. At least one of server and client.
struct LeafProfile {
  std::string common_name;
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
  std::vector<std::string> uris;
  Validity validity;
  bool server = false;
  bool client = false;
};

// A fresh P-256 key and its certificate by `authority`. The serial number is
// random.
//
// Errors:
//   kInvalidArgument  as MakeAuthority; or a name that is not a DNS name, an
//                     address or a URI; or `authority` is none.
absl::StatusOr<Credential> IssueLeaf(const Credential& authority,
                                     const LeafProfile& profile);

}  // namespace limpid::crypto

#endif  // LIMPID_COMMON_CRYPTO_X509_H_

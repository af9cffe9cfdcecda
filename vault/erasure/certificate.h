// The certificate of an erasure: what was erased, what was destroyed, and when
// older copies stop opening it. Its hash stands in the act that the vault's log
// commits to. Values only. docs/formats/erasure-certificate.md

#ifndef LIMPID_VAULT_ERASURE_CERTIFICATE_H_
#define LIMPID_VAULT_ERASURE_CERTIFICATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/aead.h"
#include "common/crypto/random.h"
#include "vault/erasure/erasure_store.h"
#include "vault/keys/ids.h"

namespace limpid::vault {

// Name of the 32-byte key in the ring that seals certificates and holds.
inline constexpr std::string_view kErasureKeyName = "vault-erasure";

// How long older copies may live, in days, by the operator's word.
struct Retention {
  std::uint32_t backup = 0;
  std::uint32_t wal_archive = 0;
  std::uint32_t snapshot = 0;
  // From one key-encryption key to the next.
  std::uint32_t epoch = 0;

  // The longest of the three and one epoch.
  [[nodiscard]] std::uint32_t days() const;

  friend bool operator==(const Retention&, const Retention&) = default;
};

// Stored: append, never renumber.
enum class ErasureScope : std::uint8_t { kVersions = 1, kPerson = 2 };

struct ErasureCertificate {
  // Random, so that nobody can guess what an id is the hash of.
  base::ByteArray<16> nonce{};
  SourceId source;
  ErasureScope scope = ErasureScope::kVersions;
  // Of versions only; empty when the row's label no longer opened.
  std::string attribute;
  // Ascending; empty for a person.
  std::vector<std::uint64_t> versions;
  // How many values were erased.
  std::uint32_t values = 0;
  // Person keys up to this generation were destroyed. 0: all, of a person; of
  // versions it claims none, because one of them is sealed or she had none.
  std::uint32_t generation = 0;
  // The newest key-encryption key that wrapped one of them. 0 with generation 0
  // of versions: what opens an older copy stands, and it is never final.
  std::uint32_t epoch = 0;
  // Millisecond precision.
  absl::Time time;
  Retention retention;

  // No copy that keeps to `retention` is older than the erasure from then on.
  [[nodiscard]] absl::Time not_before() const;

  [[nodiscard]] base::Bytes Encode() const;
  // Errors:
  //   kInvalidArgument  not exactly one certificate.
  static absl::StatusOr<ErasureCertificate> Decode(base::ByteView bytes);

  friend bool operator==(const ErasureCertificate&,
                         const ErasureCertificate&) = default;
};

// What the act of the erasure carries as its body.
base::Digest32 CertificateHash(base::ByteView encoded);
// The first half of it.
CertificateId CertificateIdOf(const base::Digest32& hash);

// A certificate as stored. `key` is kErasureKeyName's.
base::Bytes SealCertificate(const Identity& identity, crypto::Suite suite,
                            const base::SecretBytes& key, const Owner& owner,
                            base::ByteView encoded,
                            crypto::RandomSource& random);
// Errors:
//   kDataLoss  it does not open, or has another id.
absl::StatusOr<base::Bytes> OpenCertificate(const Identity& identity,
                                            const base::SecretBytes& key,
                                            const CertificateRow& row);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_CERTIFICATE_H_

// The format of a service's keys in the register log: one chain of entries a
// service, each attested by the operator who registered it. What a device
// verifies before it encrypts to a service or trusts its signature; where the
// entries come from, and their proof of inclusion, are the caller's.
// docs/formats/service-key.md

#ifndef LIMPID_COMMON_RECEIPT_SERVICE_KEY_H_
#define LIMPID_COMMON_RECEIPT_SERVICE_KEY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/crypto/ed25519.h"

namespace limpid::receipt {

// Every entry has this size.
inline constexpr std::size_t kServiceKeyEntryBytes = 283;

// Logged: append, never renumber.
enum class ServiceKeyKind : std::uint8_t {
  // Ed25519.
  kSigning = 1,
  // X25519.
  kEncryption = 2,
  // SHA-256 of the SubjectPublicKeyInfo of a client certificate.
  kCertificate = 3,
};

using ServiceKeyBytes = base::ByteArray<32>;
using ServiceIdBytes = base::ByteArray<base::kIdBytes>;

// An entry without the operator's signature.
struct ServiceKeyEntry {
  ServiceIdBytes service{};
  ServiceKeyKind kind = ServiceKeyKind::kSigning;
  // Place in the service's chain, from 1.
  std::uint32_t number = 0;
  // RFC 6962 leaf hash of the entry before; zeros in the first only.
  base::Digest32 predecessor{};
  ServiceKeyBytes key{};
  // In force from here; millisecond resolution, as `retired`.
  absl::Time valid_from;
  // Set in the entry that retires the key: in force no more from here on.
  std::optional<absl::Time> retired;
  // The signing key that shows the service's will, and its signature; zeros
  // for a certificate, which TLS proves, and for a retirement.
  crypto::Ed25519PublicKey prover;
  crypto::Ed25519Signature proof{};

  friend bool operator==(const ServiceKeyEntry&,
                         const ServiceKeyEntry&) = default;
};

// What the service signs, so that nobody registers a key it did not choose: a
// signing key by itself, an encryption key by one of its signing keys.
crypto::Ed25519Signature ProveServiceKey(const ServiceIdBytes& service,
                                         ServiceKeyKind kind,
                                         const ServiceKeyBytes& key,
                                         const crypto::Ed25519PrivateKey& with);

// Whether `prover` made that proof. Which keys may prove, the chain says.
[[nodiscard]] bool VerifyServiceKeyProof(const ServiceIdBytes& service,
                                         ServiceKeyKind kind,
                                         const ServiceKeyBytes& key,
                                         const crypto::Ed25519PublicKey& prover,
                                         const crypto::Ed25519Signature& proof);

// The entry of the log, signed by the operator. `entry` must keep the rules of
// the format page.
base::Bytes SignServiceKeyEntry(const ServiceKeyEntry& entry,
                                const crypto::Ed25519PrivateKey& operator_key);

// Whether an entry of the register log is one of these, by its first byte.
[[nodiscard]] bool IsServiceKeyEntry(base::ByteView entry);

// Checks size, fields and the service's own proof, as an auditor can who holds
// no operator's key.
//
// Errors:
//   kDataLoss  not such an entry, or the proof is wrong.
absl::StatusOr<ServiceKeyEntry> ParseServiceKeyEntry(base::ByteView entry);

// The same, and that the operator signed it.
//
// Errors:
//   kDataLoss  as above, or signed by another key.
absl::StatusOr<ServiceKeyEntry> VerifyServiceKeyEntry(
    base::ByteView entry, const crypto::Ed25519PublicKey& operator_key);

// What an auditor remembers of the chains of a whole log: one entry a service.
// Thread-compatible.
class ServiceKeyChains {
 public:
  // Takes the next entry of a key in the order of the log.
  //
  // Errors:
  //   kDataLoss  it does not parse, or does not follow the one before: a gap,
  //              or two entries for one place.
  absl::Status Take(base::ByteView entry);

 private:
  struct Newest {
    std::uint32_t number = 0;
    base::Digest32 hash{};
  };
  std::map<ServiceIdBytes, Newest> newest_;
};

// What a service's whole chain says about its keys. A value.
class ServiceKeys {
 public:
  struct Key {
    ServiceKeyKind kind = ServiceKeyKind::kSigning;
    ServiceKeyBytes bytes{};
    absl::Time valid_from;
    absl::Time retired = absl::InfiniteFuture();
    crypto::Ed25519PublicKey prover;
  };

  // Follows the chain of `service` from its first entry to its newest. That
  // each entry is in the log, and that none is held back at the end, is for
  // the caller to check.
  //
  // Errors:
  //   kDataLoss  an entry does not verify, is of another service, does not
  //              follow the one before (a gap or a fork), brings back a key,
  //              retires one that is not in force, or is proved by a key that
  //              was not.
  static absl::StatusOr<ServiceKeys> Follow(
      const ServiceIdBytes& service,
      const crypto::Ed25519PublicKey& operator_key,
      std::span<const base::Bytes> entries);

  // Whether the key may be used at `at`. An encryption key goes with the
  // signing key that proved it: a thief of the one could have chosen the other.
  //
  // Errors:
  //   kNotFound            the chain does not hold it, as this kind.
  //   kFailedPrecondition  not in force yet, or retired.
  [[nodiscard]] absl::Status CheckUsable(ServiceKeyKind kind,
                                         const ServiceKeyBytes& key,
                                         absl::Time at) const;

  // In the order in which they were published.
  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }

 private:
  absl::Status Take(const ServiceKeyEntry& entry);
  absl::Status Add(const ServiceKeyEntry& entry);
  [[nodiscard]] const Key* Find(ServiceKeyKind kind,
                                const ServiceKeyBytes& key) const;

  std::vector<Key> keys_;
};

}  // namespace limpid::receipt

#endif  // LIMPID_COMMON_RECEIPT_SERVICE_KEY_H_

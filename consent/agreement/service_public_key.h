// A key of a service beside its certificates: what it signs with, or what
// others encrypt to it with. Comes with the service's own proof, so that no
// administrator registers one that the service does not hold.
// docs/formats/service-key.md

#ifndef LIMPID_CONSENT_AGREEMENT_SERVICE_PUBLIC_KEY_H_
#define LIMPID_CONSENT_AGREEMENT_SERVICE_PUBLIC_KEY_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "common/base/wire.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/service_key.h"
#include "consent/ids.h"

namespace limpid::consent {

// Keys overlap while they are changed; four of each kind are plenty.
inline constexpr std::size_t kMaxServicePublicKeys = 8;

struct ServicePublicKey {
  // kSigning or kEncryption: certificates are pinned another way.
  receipt::ServiceKeyKind kind = receipt::ServiceKeyKind::kSigning;
  receipt::ServiceKeyBytes key{};
  // The signing key that proved it; a signing key proves itself.
  crypto::Ed25519PublicKey prover;
  crypto::Ed25519Signature proof{};

  friend bool operator==(const ServicePublicKey&,
                         const ServicePublicKey&) = default;
};

// Errors:
//   kInvalidArgument  too many, one twice, of no such kind, not proved for this
//                     service, by a signing key that is not in the list, or an
//                     encryption key that anybody could open; the message
//                     names its path.
absl::Status CheckPublicKeys(const ServiceId& service,
                             const std::vector<ServicePublicKey>& keys);

// Inside a stored change of a service.
void WritePublicKeys(const std::vector<ServicePublicKey>& keys,
                     base::ByteWriter& out);
// False when one is of no such kind.
bool ReadPublicKeys(base::ByteReader& reader,
                    std::vector<ServicePublicKey>& out);

// Whether a stored number is a kind of these.
[[nodiscard]] bool IsPublicKeyKind(std::int64_t number);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_AGREEMENT_SERVICE_PUBLIC_KEY_H_

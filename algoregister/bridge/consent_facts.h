// Where the consent facts of operators stand among the signed entries, and how
// those of a month are found. docs/formats/consent-facts.md

#ifndef LIMPID_ALGOREGISTER_BRIDGE_CONSENT_FACTS_H_
#define LIMPID_ALGOREGISTER_BRIDGE_CONSENT_FACTS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/service_key.h"

namespace limpid::algoregister {

// In place of a service's id: the first 16 bytes of SHA-256 of a label and the
// operator's key.
receipt::ServiceIdBytes FactsIdOf(const crypto::Ed25519PublicKey& operator_key);

// Those of `month`, or the newest; none when the log has none. Reads some
// dozen entries at most, however many there are.
//
// Errors: those of the store, and
//   kDataLoss  an entry among them is none.
absl::StatusOr<std::optional<StoredServiceKey>> FindConsentFacts(
    const ServiceKeyStore& entries,
    const crypto::Ed25519PublicKey& operator_key,
    std::optional<absl::CivilMonth> month);

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_BRIDGE_CONSENT_FACTS_H_

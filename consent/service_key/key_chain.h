// The chain of one service's keys as consent keeps it: every entry it signed,
// and how many of them the register has. What is signed and not logged is the
// outbox. A value. docs/formats/service-key-chain.md

#ifndef LIMPID_CONSENT_SERVICE_KEY_KEY_CHAIN_H_
#define LIMPID_CONSENT_SERVICE_KEY_KEY_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/service_key.h"
#include "consent/agreement/service.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Keys that one service ever has. Each may be retired once, so that a chain has
// at most twice as many entries, as many as the register takes.
inline constexpr std::size_t kMaxKeysEver = 1'000;

struct ServiceKeyChain {
  ServiceId service;
  // From number 1 to the newest.
  std::vector<base::Bytes> entries;
  // How many of them the register has logged.
  std::uint32_t logged_count = 0;
  // What the entries say. Not stored: followed again.
  receipt::ServiceKeys keys;

  [[nodiscard]] bool waits() const { return logged_count < entries.size(); }

  [[nodiscard]] base::Bytes Encode() const;
  // Without `keys`.
  //
  // Errors:
  //   kDataLoss  not exactly one chain.
  static absl::StatusOr<ServiceKeyChain> Decode(base::ByteView bytes);
};

// Fills `keys`.
//
// Errors:
//   kDataLoss  receipt::ServiceKeys::Follow.
absl::Status Follow(const crypto::Ed25519PublicKey& operator_key,
                    ServiceKeyChain& chain);

// Whether the chain can be continued to the keys of `service`: none of them was
// retired, and there is room.
//
// Errors:
//   kInvalidArgument    one was: a key never comes back. Names its path.
//   kResourceExhausted  kMaxKeysEver.
absl::Status CheckContinues(const ServiceKeyChain& chain,
                            const Service& service);

// The chain with the entries that make its keys in force those of `service`, as
// of `now`, signed: first those that end, then those that begin. The same chain
// when they are already. `chain` passed CheckContinues.
//
// Errors:
//   kDataLoss  what comes out does not follow.
absl::StatusOr<ServiceKeyChain> Continued(
    ServiceKeyChain chain, const Service& service, absl::Time now,
    const crypto::Ed25519PrivateKey& operator_key);

// `service` without the keys that the chain says were retired.
Service WithoutRetired(Service service, const ServiceKeyChain& chain);

// The row that stores it, sealed.
PublicRow RowOf(const base::SecretBytes& row_key, const ServiceKeyChain& chain);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SERVICE_KEY_KEY_CHAIN_H_

// The chains of every service's keys, in memory: what the sender looks at and
// edges answer from. Changed by commits alone.

#ifndef LIMPID_CONSENT_SERVICE_KEY_KEY_BOOK_H_
#define LIMPID_CONSENT_SERVICE_KEY_KEY_BOOK_H_

#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "consent/ids.h"
#include "consent/ledger/store.h"
#include "consent/service_key/key_chain.h"

namespace limpid::consent {

// Thread-safe.
class ServiceKeyBook {
 public:
  // Errors: those of the store; kDataLoss for a row that does not open, or a
  // chain that does not follow.
  absl::Status Load(const LedgerStore& store, const base::SecretBytes& row_key,
                    const crypto::Ed25519PublicKey& operator_key);
  void Put(ServiceKeyChain chain);

  // Without entries for a service that has none yet.
  [[nodiscard]] ServiceKeyChain Find(const ServiceId& service) const;
  struct Item {
    ServiceId service;
    // Has entries that are not logged.
    bool waits = false;
  };
  // Every service that has a chain.
  [[nodiscard]] std::vector<Item> Items() const;

 private:
  mutable base::Mutex mutex_;
  std::map<ServiceId, ServiceKeyChain> chains_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_SERVICE_KEY_KEY_BOOK_H_

// For whom the register takes entries of services' keys: operators of consent
// roles, each with the key that signs its entries and the certificate it
// brings them with.

#ifndef LIMPID_ALGOREGISTER_SERVICE_KEY_KEY_OPERATORS_H_
#define LIMPID_ALGOREGISTER_SERVICE_KEY_KEY_OPERATORS_H_

#include <vector>

#include "absl/base/thread_annotations.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "common/crypto/ed25519.h"

namespace limpid::algoregister {

struct KeyOperator {
  // The evidence key of its consent role.
  crypto::Ed25519PublicKey key;
  // SHA-256 of the SubjectPublicKeyInfo of its client certificate; zero for a
  // consent role in this process, which needs none.
  base::Digest32 certificate{};
};

// Thread-safe. Filled while the process starts.
class KeyOperators {
 public:
  void Add(const KeyOperator& one);

  // Signers whose entries this caller may bring; none for a stranger. An
  // administrator may bring those of every operator: she cannot sign one.
  [[nodiscard]] std::vector<crypto::Ed25519PublicKey> KeysFor(
      const base::Digest32& certificate, bool administrator) const;

 private:
  mutable base::Mutex mutex_;
  std::vector<KeyOperator> all_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_SERVICE_KEY_KEY_OPERATORS_H_

#include "algoregister/service_key/key_operators.h"

#include <vector>

#include "common/base/mutex.h"

namespace limpid::algoregister {

void KeyOperators::Add(const KeyOperator& one) {
  const base::MutexLock lock(mutex_);
  all_.push_back(one);
}

std::vector<crypto::Ed25519PublicKey> KeyOperators::KeysFor(
    const base::Digest32& certificate, bool administrator) const {
  const base::MutexLock lock(mutex_);
  std::vector<crypto::Ed25519PublicKey> out;
  for (const KeyOperator& one : all_) {
    const bool own =
        certificate != base::Digest32{} && one.certificate == certificate;
    if (administrator || own) out.push_back(one.key);
  }
  return out;
}

}  // namespace limpid::algoregister

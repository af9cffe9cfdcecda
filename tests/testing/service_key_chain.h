// A chain of one service's keys as its operator signs it, for tests: verbs that
// append an entry.

#ifndef LIMPID_TESTS_TESTING_SERVICE_KEY_CHAIN_H_
#define LIMPID_TESTS_TESTING_SERVICE_KEY_CHAIN_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/receipt/service_key.h"
#include "common/tlog/tree.h"

namespace limpid::testing {

inline crypto::Ed25519PrivateKey SeededKey(std::uint8_t fill) {
  const std::vector<std::uint8_t> seed(crypto::kEd25519SeedBytes, fill);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

class ServiceKeyChainOf {
 public:
  ServiceKeyChainOf(const receipt::ServiceIdBytes& service,
                    crypto::Ed25519PrivateKey operator_key)
      : service_(service), operator_key_(std::move(operator_key)) {}

  // Each returns the new entry.
  const base::Bytes& Sign(const crypto::Ed25519PrivateKey& key) {
    return Begin(receipt::ServiceKeyKind::kSigning, key.PublicKey().bytes,
                 &key);
  }
  const base::Bytes& Encrypt(const receipt::ServiceKeyBytes& key,
                             const crypto::Ed25519PrivateKey& prover) {
    return Begin(receipt::ServiceKeyKind::kEncryption, key, &prover);
  }
  const base::Bytes& Certify(const receipt::ServiceKeyBytes& thumbprint) {
    return Begin(receipt::ServiceKeyKind::kCertificate, thumbprint, nullptr);
  }
  const base::Bytes& Retire(receipt::ServiceKeyKind kind,
                            const receipt::ServiceKeyBytes& key) {
    receipt::ServiceKeyEntry entry;
    entry.kind = kind;
    entry.key = key;
    entry.valid_from = from_;
    entry.retired = from_ + absl::Hours(1);
    return Append(std::move(entry));
  }
  const base::Bytes& Append(receipt::ServiceKeyEntry entry) {
    entry.service = service_;
    entry.number = static_cast<std::uint32_t>(entries_.size() + 1);
    if (!entries_.empty()) entry.predecessor = tlog::LeafHash(entries_.back());
    entries_.push_back(receipt::SignServiceKeyEntry(entry, operator_key_));
    return entries_.back();
  }
  // Goes on after an entry that somebody else signed.
  void Adopt(const base::Bytes& entry) { entries_.push_back(entry); }
  // Forgets the newest.
  void Drop() { entries_.pop_back(); }

  [[nodiscard]] const std::vector<base::Bytes>& entries() const {
    return entries_;
  }
  [[nodiscard]] const crypto::Ed25519PrivateKey& operator_key() const {
    return operator_key_;
  }

 private:
  const base::Bytes& Begin(receipt::ServiceKeyKind kind,
                           const receipt::ServiceKeyBytes& key,
                           const crypto::Ed25519PrivateKey* prover) {
    receipt::ServiceKeyEntry entry;
    entry.kind = kind;
    entry.key = key;
    entry.valid_from = from_;
    if (prover != nullptr) {
      entry.prover = prover->PublicKey();
      entry.proof = receipt::ProveServiceKey(service_, kind, key, *prover);
    }
    return Append(std::move(entry));
  }

  receipt::ServiceIdBytes service_{};
  crypto::Ed25519PrivateKey operator_key_;
  absl::Time from_ = absl::FromUnixSeconds(1'767'225'600);
  std::vector<base::Bytes> entries_;
};

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_SERVICE_KEY_CHAIN_H_

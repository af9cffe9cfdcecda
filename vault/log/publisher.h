// Publishes stored acts to the vault's log and proves them. Since act n is leaf
// n - 1, publishing can be repeated after any crash.
// docs/formats/vault-log.md

#ifndef LIMPID_VAULT_LOG_PUBLISHER_H_
#define LIMPID_VAULT_LOG_PUBLISHER_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "vault/attribute/vault_store.h"
#include "vault/log/vault_log.h"

namespace limpid::vault {

// Thread-safe.
class ActPublisher {
 public:
  // Most acts in one append of the log; a tick makes as many as it needs.
  static constexpr std::size_t kBatch = 4096;

  // Both must outlive the publisher.
  ActPublisher(const VaultStore& store, VaultLog& log);

  // Whether the store has everything that the log has. To be called before
  // serving.
  //
  // Errors:
  //   kDataLoss  the store is older than its log, or another one.
  absl::Status CheckStore() const;

  // Appends every act that is not in the log yet, and returns how many.
  //
  // Errors: those of CheckStore and of the log.
  absl::StatusOr<std::uint64_t> Tick();

  // Whether a Tick would append anything.
  absl::StatusOr<bool> Pending() const;

  // The proof of the act with this counter, or nothing before its tick.
  absl::StatusOr<std::optional<LeafProof>> Prove(std::uint64_t counter) const;

 private:
  const VaultStore& store_;
  VaultLog& log_;
  base::Mutex ticking_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_LOG_PUBLISHER_H_

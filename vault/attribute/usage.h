// How much each person keeps in the vault, so that one who stores without end
// is told to stop. Remembers what it has counted; forgets it when it is not
// sure any more, and counts again.

#ifndef LIMPID_VAULT_ATTRIBUTE_USAGE_H_
#define LIMPID_VAULT_ATTRIBUTE_USAGE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/mutex.h"
#include "vault/attribute/record.h"
#include "vault/attribute/vault_store.h"

namespace limpid::vault {

// What one person may keep.
struct PersonLimits {
  // Thirty attributes that change every month for fifty years are 18,000.
  std::uint64_t versions = 20'000;
  // Encrypted, as stored, with copies for services: 256 of the largest size.
  std::uint64_t bytes = std::uint64_t{64} << 20U;
};

// Thread-safe. For transactions that are serialised with each other.
class UsageBook {
 public:
  explicit UsageBook(const PersonLimits& limits) : limits_(limits) {}

  // Whether a version more, of `bytes`, still fits. Counts in the store what it
  // does not remember.
  //
  // Errors: those of the store, and
  //   kResourceExhausted  it does not; the message names the limit.
  absl::Status CheckRoom(const VaultReads& reads, const Owner& owner,
                         std::uint64_t bytes);
  // The same of a copy for a service, outside of any transaction: copies and
  // values that are stored at the same instant may pass the limit together.
  absl::Status CheckCopy(const VaultReads& reads, const Owner& owner,
                         std::uint64_t bytes);
  // At the end of a transaction that stores a version.
  void Stored(const Owner& owner, std::uint64_t bytes);
  // The transaction failed after that, or something else changed what she has.
  void Forget(const Owner& owner);

 private:
  // What is counted of one person.
  struct Counted {
    std::uint64_t versions = 0;
    std::uint64_t bytes = 0;
  };

  std::optional<Counted> Known(const Owner& owner);
  static absl::StatusOr<Counted> Count(const VaultReads& reads,
                                       const Owner& owner);
  [[nodiscard]] absl::Status CheckBytes(const Counted& counted,
                                        std::uint64_t bytes) const;

  // Some 80 bytes each. Forgets everything at once when it is full.
  static constexpr std::size_t kCapacity = 100'000;

  const PersonLimits limits_;
  base::Mutex mutex_;
  std::map<Owner, Counted> known_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ATTRIBUTE_USAGE_H_

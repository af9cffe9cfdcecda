// The register's store of services' keys in memory, for tests.

#ifndef LIMPID_ALGOREGISTER_STORE_MEMORY_SERVICE_KEY_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_MEMORY_SERVICE_KEY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class MemoryServiceKeyStore final : public ServiceKeyStore {
 public:
  absl::Status Add(const StoredServiceKey& key) override;
  absl::Status MarkLogged(std::span<const ServiceKeyPlace> places) override;
  absl::StatusOr<std::vector<StoredServiceKey>> Pending() const override;
  absl::StatusOr<std::uint64_t> LoggedSize() const override;
  absl::StatusOr<std::vector<StoredServiceKey>> List(
      const receipt::ServiceIdBytes& service, std::uint32_t after,
      std::size_t limit) const override;

 private:
  // Null when there is none.
  StoredServiceKey* Find(const receipt::ServiceIdBytes& service,
                         std::uint32_t number)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable base::Mutex mutex_;
  // In the order of Add.
  std::vector<StoredServiceKey> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_MEMORY_SERVICE_KEY_STORE_H_

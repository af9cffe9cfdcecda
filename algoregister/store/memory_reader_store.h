// The register's store of readers of restricted parts in memory, for tests.

#ifndef LIMPID_ALGOREGISTER_STORE_MEMORY_READER_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_MEMORY_READER_STORE_H_

#include <map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/restricted/reader.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class MemoryReaderStore final : public RestrictedReaderStore {
 public:
  absl::StatusOr<RestrictedReader> Create(
      const RestrictedReader& reader,
      const base::ByteArray<base::kIdBytes>& request) override;
  absl::Status Remove(const RestrictedReaderId& id) override;
  absl::StatusOr<RestrictedReader> FindByCertificate(
      const base::Digest32& thumbprint) const override;
  absl::Status Count(const RestrictedReaderId& id) override;
  absl::StatusOr<std::vector<RestrictedReader>> List() const override;

 private:
  mutable base::Mutex mutex_;
  std::map<RestrictedReaderId, RestrictedReader> readers_
      ABSL_GUARDED_BY(mutex_);
  std::map<base::ByteArray<base::kIdBytes>, RestrictedReaderId> requests_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_MEMORY_READER_STORE_H_

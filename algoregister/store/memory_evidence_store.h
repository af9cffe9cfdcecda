// The register's store of evidence bundles in memory, for tests.

#ifndef LIMPID_ALGOREGISTER_STORE_MEMORY_EVIDENCE_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_MEMORY_EVIDENCE_STORE_H_

#include <cstdint>
#include <map>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/upload/evidence_store.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

// Thread-safe.
class MemoryEvidenceStore : public EvidenceStore {
 public:
  absl::Status Add(const StoredBundle& bundle,
                   std::int64_t quota_bytes) override;
  absl::StatusOr<StoredBundle> Get(const base::Digest32& digest) const override;
  absl::StatusOr<BundleErasure> Erase(const BundleErasure& erasure) override;

 private:
  mutable base::Mutex mutex_;
  std::map<base::Digest32, StoredBundle> bundles_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_MEMORY_EVIDENCE_STORE_H_

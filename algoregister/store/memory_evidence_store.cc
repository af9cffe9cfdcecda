#include "algoregister/store/memory_evidence_store.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/upload/evidence_store.h"
#include "common/base/mutex.h"

namespace limpid::algoregister {

absl::Status MemoryEvidenceStore::Add(const StoredBundle& bundle,
                                      std::int64_t quota_bytes) {
  const base::MutexLock lock(mutex_);
  if (const auto known = bundles_.find(bundle.digest);
      known != bundles_.end()) {
    if (!known->second.erasure) return absl::OkStatus();
    return absl::FailedPreconditionError("the bundle was erased");
  }
  auto bytes = static_cast<std::int64_t>(bundle.bytes.size());
  for (const auto& [digest, stored] : bundles_) {
    if (stored.publisher == bundle.publisher) {
      bytes += static_cast<std::int64_t>(stored.bytes.size());
    }
  }
  if (bytes > quota_bytes) {
    return absl::ResourceExhaustedError("the publisher's bundles are too many");
  }
  bundles_.emplace(bundle.digest, bundle);
  return absl::OkStatus();
}

absl::StatusOr<StoredBundle> MemoryEvidenceStore::Get(
    const base::Digest32& digest) const {
  const base::MutexLock lock(mutex_);
  const auto found = bundles_.find(digest);
  if (found == bundles_.end()) return absl::NotFoundError("no such bundle");
  return found->second;
}

absl::StatusOr<BundleErasure> MemoryEvidenceStore::Erase(
    const BundleErasure& erasure) {
  const base::MutexLock lock(mutex_);
  const auto found = bundles_.find(erasure.digest);
  if (found == bundles_.end()) return absl::NotFoundError("no such bundle");
  StoredBundle& bundle = found->second;
  if (!bundle.erasure) {
    bundle.bytes.clear();
    bundle.erasure = erasure;
  }
  return *bundle.erasure;
}

}  // namespace limpid::algoregister

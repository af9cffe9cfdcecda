// The register's store of evidence bundles on common/storage: one SQL text for
// both engines. Its schema is part of RegisterMigrations.

#ifndef LIMPID_ALGOREGISTER_STORE_SQL_EVIDENCE_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_SQL_EVIDENCE_STORE_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/upload/evidence_store.h"
#include "common/storage/database.h"

namespace limpid::algoregister {

// Thread-safe. `database` must outlive it.
class SqlEvidenceStore final : public EvidenceStore {
 public:
  explicit SqlEvidenceStore(storage::Database& database)
      : database_(database) {}

  absl::Status Add(const StoredBundle& bundle,
                   std::int64_t quota_bytes) override;
  absl::StatusOr<StoredBundle> Get(const base::Digest32& digest) const override;
  absl::StatusOr<BundleErasure> Erase(const BundleErasure& erasure) override;

 private:
  storage::Database& database_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_SQL_EVIDENCE_STORE_H_

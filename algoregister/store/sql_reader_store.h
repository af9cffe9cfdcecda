// The register's store of readers of restricted parts on common/storage: one
// SQL text for both engines. Its schema is part of RegisterMigrations.

#ifndef LIMPID_ALGOREGISTER_STORE_SQL_READER_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_SQL_READER_STORE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/restricted/reader.h"
#include "common/storage/database.h"

namespace limpid::algoregister {

// Thread-safe. `database` must outlive it.
class SqlReaderStore final : public RestrictedReaderStore {
 public:
  explicit SqlReaderStore(storage::Database& database) : database_(database) {}

  absl::StatusOr<RestrictedReader> Create(
      const RestrictedReader& reader,
      const base::ByteArray<base::kIdBytes>& request) override;
  absl::Status Remove(const RestrictedReaderId& id) override;
  absl::StatusOr<RestrictedReader> FindByCertificate(
      const base::Digest32& thumbprint) const override;
  absl::Status Count(const RestrictedReaderId& id) override;
  absl::StatusOr<std::vector<RestrictedReader>> List() const override;

 private:
  storage::Database& database_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_SQL_READER_STORE_H_

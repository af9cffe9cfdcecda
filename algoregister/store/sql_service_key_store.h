// The register's store of services' keys on common/storage: one SQL text for
// both engines. Its schema is part of RegisterMigrations.

#ifndef LIMPID_ALGOREGISTER_STORE_SQL_SERVICE_KEY_STORE_H_
#define LIMPID_ALGOREGISTER_STORE_SQL_SERVICE_KEY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "algoregister/service_key/service_key_store.h"
#include "common/storage/database.h"

namespace limpid::algoregister {

// Thread-safe. `database` must outlive it.
class SqlServiceKeyStore final : public ServiceKeyStore {
 public:
  explicit SqlServiceKeyStore(storage::Database& database)
      : database_(database) {}

  absl::Status Add(const StoredServiceKey& key) override;
  absl::Status MarkLogged(std::span<const ServiceKeyPlace> places) override;
  absl::StatusOr<std::vector<StoredServiceKey>> Pending() const override;
  absl::StatusOr<std::uint64_t> LoggedSize() const override;
  absl::StatusOr<std::vector<StoredServiceKey>> List(
      const receipt::ServiceIdBytes& service, std::uint32_t after,
      std::size_t limit) const override;

 private:
  storage::Database& database_;
};

}  // namespace limpid::algoregister

#endif  // LIMPID_ALGOREGISTER_STORE_SQL_SERVICE_KEY_STORE_H_

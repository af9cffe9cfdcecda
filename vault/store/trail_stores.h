// The store of the vault's release notes: in the database of the values, and in
// memory for tests.

#ifndef LIMPID_VAULT_STORE_TRAIL_STORES_H_
#define LIMPID_VAULT_STORE_TRAIL_STORES_H_

#include <memory>

#include "common/storage/database.h"
#include "vault/trail/trail_store.h"

namespace limpid::vault {

// The step of the values' schema that adds it.
storage::Migration TrailMigration();

// `database` was opened with VaultStoreMigrations and must outlive the store.
std::unique_ptr<TrailStore> NewSqlTrailStore(storage::Database& database);
std::unique_ptr<TrailStore> NewMemoryTrailStore();

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_TRAIL_STORES_H_

// The vault's stores on common/storage: two databases, so that values and the
// slots of the keys that open them are never in one file or one backup.
// docs/formats/attribute-record.md, key-slots.md, vault-log.md

#ifndef LIMPID_VAULT_STORE_SQL_STORE_H_
#define LIMPID_VAULT_STORE_SQL_STORE_H_

#include <memory>
#include <vector>

#include "common/storage/database.h"
#include "vault/attribute/vault_store.h"
#include "vault/custody/copy_store.h"
#include "vault/keys/key_store.h"
#include "vault/statistics/statistics_store.h"

namespace limpid::vault {

// Schemas for storage::Options.
std::vector<storage::Migration> KeyStoreMigrations();
std::vector<storage::Migration> VaultStoreMigrations();

// `database` was opened with the migrations above and must outlive the store.
std::unique_ptr<KeyStore> NewSqlKeyStore(storage::Database& database);
std::unique_ptr<VaultStore> NewSqlVaultStore(storage::Database& database);
// In the database of the values.
std::unique_ptr<StatisticsStore> NewSqlStatisticsStore(
    storage::Database& database);
// In the database of the values.
std::unique_ptr<CopyStore> NewSqlCopyStore(storage::Database& database);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_SQL_STORE_H_

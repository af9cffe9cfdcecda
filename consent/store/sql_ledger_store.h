// The ledger's stores on a SQL database, either engine. Rows are sealed before
// they come here.

#ifndef LIMPID_CONSENT_STORE_SQL_LEDGER_STORE_H_
#define LIMPID_CONSENT_STORE_SQL_LEDGER_STORE_H_

#include <memory>
#include <vector>

#include "common/storage/database.h"
#include "consent/ledger/store.h"

namespace limpid::consent {

// Schema of the two databases, for storage::Options.
std::vector<storage::Migration> LedgerMigrations();
std::vector<storage::Migration> PersonKeyMigrations();

// `database` has LedgerMigrations and must outlive the store.
std::unique_ptr<LedgerStore> MakeSqlLedgerStore(storage::Database& database);

// `database` has PersonKeyMigrations and must outlive the store.
std::unique_ptr<PersonKeyStore> MakeSqlPersonKeyStore(
    storage::Database& database);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STORE_SQL_LEDGER_STORE_H_

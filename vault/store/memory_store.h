// The vault's stores in memory, for tests: the reference that the SQL stores
// are compared with by the conformance suites.

#ifndef LIMPID_VAULT_STORE_MEMORY_STORE_H_
#define LIMPID_VAULT_STORE_MEMORY_STORE_H_

#include <memory>

#include "vault/attribute/vault_store.h"
#include "vault/custody/copy_store.h"
#include "vault/keys/key_store.h"
#include "vault/statistics/statistics_store.h"

namespace limpid::vault {

std::unique_ptr<KeyStore> NewMemoryKeyStore();
std::unique_ptr<CopyStore> NewMemoryCopyStore();
// What stands together in one database is told of each other, and outlives it.
std::unique_ptr<VaultStore> NewMemoryVaultStore();
std::unique_ptr<VaultStore> NewMemoryVaultStore(const CopyStore& copies);
std::unique_ptr<StatisticsStore> NewMemoryStatisticsStore(
    const VaultReads& values);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_MEMORY_STORE_H_

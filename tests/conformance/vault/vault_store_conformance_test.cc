#include "tests/conformance/vault/vault_store_conformance.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/vault/copy_store_conformance.h"
#include "tests/conformance/vault/erasure_conformance.h"
#include "tests/conformance/vault/key_epoch_conformance.h"
#include "tests/conformance/vault/key_store_conformance.h"
#include "tests/conformance/vault/key_tombstone_conformance.h"
#include "tests/conformance/vault/rated_act_conformance.h"
#include "tests/conformance/vault/recovery_conformance.h"
#include "tests/conformance/vault/rotation_conformance.h"
#include "tests/conformance/vault/snapshot_conformance.h"
#include "tests/conformance/vault/source_link_conformance.h"
#include "tests/conformance/vault/statistics_store_conformance.h"
#include "tests/conformance/vault/store_harness.h"
#include "tests/conformance/vault/suite_conformance.h"
#include "tests/conformance/vault/trail_store_conformance.h"
#include "tests/testing/postgres_server.h"
#include "vault/store/memory_store.h"
#include "vault/store/sql_store.h"
#include "vault/store/trail_stores.h"

namespace limpid::vault {
namespace {

template <typename Store>
std::vector<Implementation<Store>> Implementations(
    std::unique_ptr<Store> (*memory)(),
    typename SqlHarness<Store>::Migrations migrations,
    typename SqlHarness<Store>::Factory factory) {
  return {
      {"Memory",
       [=] { return std::make_unique<MemoryHarness<Store>>(memory()); }},
      {"SqlCipher",
       [=] {
         return std::make_unique<SqlHarness<Store>>(migrations, factory,
                                                    /*reopen=*/false);
       }},
      {"SqlCipherReopened",
       [=] {
         return std::make_unique<SqlHarness<Store>>(migrations, factory,
                                                    /*reopen=*/true);
       }},
      {"Postgres",
       [=] {
         return std::make_unique<PostgresHarness<Store>>(migrations, factory,
                                                         /*reopen=*/false);
       },
       testing::PostgresServer::WhyAbsent()},
      {"PostgresReopened",
       [=] {
         return std::make_unique<PostgresHarness<Store>>(migrations, factory,
                                                         /*reopen=*/true);
       },
       testing::PostgresServer::WhyAbsent()},
  };
}

std::unique_ptr<StatisticsRoom> MemoryStatisticsRoom() {
  auto values = NewMemoryVaultStore();
  auto statistics = NewMemoryStatisticsStore(*values);
  return std::make_unique<StatisticsRoom>(
      StatisticsRoom{std::move(values), std::move(statistics)});
}
std::unique_ptr<StatisticsRoom> SqlStatisticsRoom(storage::Database& database) {
  return std::make_unique<StatisticsRoom>(StatisticsRoom{
      NewSqlVaultStore(database), NewSqlStatisticsStore(database)});
}

std::unique_ptr<CopyRoom> MemoryCopyRoom() {
  auto copies = NewMemoryCopyStore();
  auto values = NewMemoryVaultStore(*copies);
  return std::make_unique<CopyRoom>(
      CopyRoom{std::move(copies), std::move(values)});
}
std::unique_ptr<CopyRoom> SqlCopyRoom(storage::Database& database) {
  return std::make_unique<CopyRoom>(
      CopyRoom{NewSqlCopyStore(database), NewSqlVaultStore(database)});
}

template <typename Store>
std::string NameOf(
    const ::testing::TestParamInfo<Implementation<Store>>& info) {
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P(All, VaultStoreConformance,
                         ::testing::ValuesIn(Implementations<VaultStore>(
                             NewMemoryVaultStore, VaultStoreMigrations,
                             NewSqlVaultStore)),
                         NameOf<VaultStore>);

INSTANTIATE_TEST_SUITE_P(All, ErasureConformance,
                         ::testing::ValuesIn(Implementations<VaultStore>(
                             NewMemoryVaultStore, VaultStoreMigrations,
                             NewSqlVaultStore)),
                         NameOf<VaultStore>);

INSTANTIATE_TEST_SUITE_P(All, RecoveryConformance,
                         ::testing::ValuesIn(Implementations<VaultStore>(
                             NewMemoryVaultStore, VaultStoreMigrations,
                             NewSqlVaultStore)),
                         NameOf<VaultStore>);

INSTANTIATE_TEST_SUITE_P(All, SourceLinkConformance,
                         ::testing::ValuesIn(Implementations<VaultStore>(
                             NewMemoryVaultStore, VaultStoreMigrations,
                             NewSqlVaultStore)),
                         NameOf<VaultStore>);

INSTANTIATE_TEST_SUITE_P(All, StatisticsStoreConformance,
                         ::testing::ValuesIn(Implementations<StatisticsRoom>(
                             MemoryStatisticsRoom, VaultStoreMigrations,
                             SqlStatisticsRoom)),
                         NameOf<StatisticsRoom>);

INSTANTIATE_TEST_SUITE_P(All, CopyStoreConformance,
                         ::testing::ValuesIn(Implementations<CopyRoom>(
                             MemoryCopyRoom, VaultStoreMigrations,
                             SqlCopyRoom)),
                         NameOf<CopyRoom>);

INSTANTIATE_TEST_SUITE_P(All, TrailStoreConformance,
                         ::testing::ValuesIn(Implementations<TrailStore>(
                             NewMemoryTrailStore, VaultStoreMigrations,
                             NewSqlTrailStore)),
                         NameOf<TrailStore>);

INSTANTIATE_TEST_SUITE_P(All, KeyStoreConformance,
                         ::testing::ValuesIn(Implementations<KeyStore>(
                             NewMemoryKeyStore, KeyStoreMigrations,
                             NewSqlKeyStore)),
                         NameOf<KeyStore>);

}  // namespace
}  // namespace limpid::vault

// The forms of consent's stores under test: memory, SQLCipher files that can be
// closed, copied and opened again, and schemas of a PostgreSQL server.

#ifndef LIMPID_TESTS_CONFORMANCE_CONSENT_BACKENDS_H_
#define LIMPID_TESTS_CONFORMANCE_CONSENT_BACKENDS_H_

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/storage/database.h"
#include "consent/ledger/tailed_store.h"
#include "consent/store/sql_ledger_store.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/shared.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent::testing {

class SqlStores final : public Stores {
 public:
  // `tailed`: with the redo tail in front of the tables.
  explicit SqlStores(bool tailed = false) : tailed_(tailed) {
    Open(/*create=*/true);
  }

  LedgerStore& ledger() override {
    if (tailed_) return *tail_;
    return *tables_;
  }
  PersonKeyStore& keys() override { return *keys_; }
  void Reopen() override {
    Close();
    Open(/*create=*/false);
  }
  void Close() {
    tail_.reset();
    tables_.reset();
    keys_.reset();
    ledger_file_.reset();
    keys_file_.reset();
  }

  [[nodiscard]] const std::filesystem::path& directory() const {
    return directory_.path();
  }
  // Copies of the ledger's file, taken and put back while it is closed.
  void Backup() { BackupOf("store.db"); }
  void PutBack() { PutBackOf("store.db"); }
  // The same of the file with the persons' keys.
  void BackupKeys() { BackupOf("keys.db"); }
  void PutBackKeys() { PutBackOf("keys.db"); }
  // Exchanges the present one and the copy.
  void SwapKeys() {
    Close();
    Replace(directory() / "keys.db", directory() / "keys.db.swap");
    PutBackOf("keys.db");
    Replace(directory() / "keys.db.swap", directory() / "keys.db.backup");
  }

 private:
  void BackupOf(const std::string& name) {
    Close();
    Replace(directory() / name, directory() / (name + ".backup"));
    Open(/*create=*/false);
  }
  void PutBackOf(const std::string& name) {
    Close();
    std::filesystem::remove(directory() / (name + "-wal"));
    std::filesystem::remove(directory() / (name + "-shm"));
    Replace(directory() / (name + ".backup"), directory() / name);
    Open(/*create=*/false);
  }
  static void Replace(const std::filesystem::path& from,
                      const std::filesystem::path& to) {
    std::filesystem::copy_file(
        from, to, std::filesystem::copy_options::overwrite_existing);
  }

  [[nodiscard]] storage::Options OptionsOf(
      const char* name, std::vector<storage::Migration> migrations) const {
    storage::Options options;
    options.path = directory() / name;
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    std::uint8_t next = 1;
    for (std::uint8_t& byte :
         options.key.RevealMutable(base::SecretAccess::Get())) {
      byte = next++;
    }
    options.migrations = std::move(migrations);
    return options;
  }

  static std::unique_ptr<storage::Database> Start(storage::Options options,
                                                  bool create) {
    auto database = create ? storage::Database::Create(std::move(options))
                           : storage::Database::Open(std::move(options));
    LIMPID_CHECK(database.ok());
    return *std::move(database);
  }

  void Open(bool create) {
    ledger_file_ = Start(OptionsOf("store.db", LedgerMigrations()), create);
    keys_file_ = Start(OptionsOf("keys.db", PersonKeyMigrations()), create);
    tables_ = MakeSqlLedgerStore(*ledger_file_);
    if (tailed_) {
      base::SecretBytes key(32);
      auto ledger =
          OpenTailedStore(*tables_, directory_.path(), std::move(key));
      LIMPID_CHECK(ledger.ok());
      tail_ = *std::move(ledger);
    }
    keys_ = MakeSqlPersonKeyStore(*keys_file_);
  }

  const bool tailed_;
  limpid::testing::TempDir directory_;
  std::unique_ptr<storage::Database> ledger_file_;
  std::unique_ptr<storage::Database> keys_file_;
  std::unique_ptr<LedgerStore> tables_;
  std::unique_ptr<TailedStore> tail_;
  std::unique_ptr<PersonKeyStore> keys_;
};

class PostgresStores final : public Stores {
 public:
  PostgresStores() {
    ledger_schema_ = ledger_home_.Create(LedgerMigrations());
    keys_schema_ = keys_home_.Create(PersonKeyMigrations());
    MakeStores();
  }

  LedgerStore& ledger() override { return *ledger_; }
  PersonKeyStore& keys() override { return *keys_; }
  void Reopen() override {
    ledger_.reset();
    keys_.reset();
    ledger_schema_ = ledger_home_.Open(LedgerMigrations());
    keys_schema_ = keys_home_.Open(PersonKeyMigrations());
    MakeStores();
  }
  // Where another process would open the same ledger.
  [[nodiscard]] const limpid::testing::PostgresHome& ledger_home() const {
    return ledger_home_;
  }

 private:
  void MakeStores() {
    ledger_ = MakeSqlLedgerStore(*ledger_schema_);
    keys_ = MakeSqlPersonKeyStore(*keys_schema_);
  }

  limpid::testing::PostgresHome ledger_home_;
  limpid::testing::PostgresHome keys_home_;
  std::unique_ptr<storage::Database> ledger_schema_;
  std::unique_ptr<storage::Database> keys_schema_;
  std::unique_ptr<LedgerStore> ledger_;
  std::unique_ptr<PersonKeyStore> keys_;
};

enum class Backend {
  kMemory,
  kSqlCipher,
  kSqlCipherReopened,
  kTailed,
  kTailedReopened,
  kPostgres,
  kPostgresReopened,
};

inline bool IsPostgres(Backend backend) {
  return backend == Backend::kPostgres || backend == Backend::kPostgresReopened;
}

inline bool IsTailed(Backend backend) {
  return backend == Backend::kTailed || backend == Backend::kTailedReopened;
}

// Closed and opened again after each step.
inline bool IsReopened(Backend backend) {
  return backend == Backend::kSqlCipherReopened ||
         backend == Backend::kTailedReopened ||
         backend == Backend::kPostgresReopened;
}

// Memory and each engine that is installed.
inline std::vector<Backend> Installed() {
  std::vector<Backend> out = {Backend::kMemory, Backend::kSqlCipher,
                              Backend::kTailed};
  if (limpid::testing::PostgresServer::WhyAbsent().empty()) {
    out.push_back(Backend::kPostgres);
  }
  return out;
}

inline std::unique_ptr<Stores> MakeStores(Backend backend) {
  if (backend == Backend::kMemory) return std::make_unique<MemoryStores>();
  if (IsPostgres(backend)) return std::make_unique<PostgresStores>();
  return std::make_unique<SqlStores>(IsTailed(backend));
}

inline std::string BackendName(Backend backend) {
  switch (backend) {
    case Backend::kMemory:
      return "Memory";
    case Backend::kSqlCipher:
      return "SqlCipher";
    case Backend::kSqlCipherReopened:
      return "SqlCipherReopened";
    case Backend::kTailed:
      return "Tailed";
    case Backend::kTailedReopened:
      return "TailedReopened";
    case Backend::kPostgres:
      return "Postgres";
    case Backend::kPostgresReopened:
      return "PostgresReopened";
  }
  return "Unknown";
}

}  // namespace limpid::consent::testing

#endif  // LIMPID_TESTS_CONFORMANCE_CONSENT_BACKENDS_H_

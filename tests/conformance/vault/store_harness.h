// The implementations every port of the vault is checked with: memory,
// SQLCipher and PostgreSQL, and these two closed and opened again after each
// step.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_STORE_HARNESS_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_STORE_HARNESS_H_

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/check.h"
#include "common/base/id.h"
#include "common/base/secret.h"
#include "common/storage/database.h"
#include "tests/testing/postgres_server.h"

namespace limpid::vault {

// Gives a store, and gives it anew after each step.
template <typename Store>
class StoreHarness {
 public:
  virtual ~StoreHarness() = default;
  virtual Store& store() = 0;
  // Between two steps of a test.
  virtual void Step() {}
};

template <typename Store>
class MemoryHarness final : public StoreHarness<Store> {
 public:
  explicit MemoryHarness(std::unique_ptr<Store> store)
      : store_(std::move(store)) {}
  Store& store() override { return *store_; }

 private:
  std::unique_ptr<Store> store_;
};

template <typename Store>
class SqlHarness final : public StoreHarness<Store> {
 public:
  using Migrations = std::vector<storage::Migration> (*)();
  using Factory = std::unique_ptr<Store> (*)(storage::Database&);

  SqlHarness(Migrations migrations, Factory factory, bool reopen)
      : migrations_(migrations), factory_(factory), reopen_(reopen) {
    folder_ = std::filesystem::temp_directory_path() /
              ("limpid-" + base::FormatIdText("tst", base::RandomIdBytes()));
    std::filesystem::create_directories(folder_);
    Take(storage::Database::Create(OptionsOf()));
  }
  ~SqlHarness() override {
    store_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  SqlHarness(const SqlHarness&) = delete;
  SqlHarness& operator=(const SqlHarness&) = delete;

  Store& store() override { return *store_; }
  void Step() override {
    if (!reopen_) return;
    store_.reset();
    database_.reset();
    Take(storage::Database::Open(OptionsOf()));
  }

 private:
  storage::Options OptionsOf() {
    storage::Options options;
    options.path = folder_ / "store.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    options.migrations = migrations_();
    return options;
  }
  void Take(absl::StatusOr<std::unique_ptr<storage::Database>> opened) {
    LIMPID_CHECK(opened.ok());
    database_ = *std::move(opened);
    store_ = factory_(*database_);
  }

  Migrations migrations_;
  Factory factory_;
  bool reopen_;
  std::filesystem::path folder_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Store> store_;
};

template <typename Store>
class PostgresHarness final : public StoreHarness<Store> {
 public:
  using Migrations = std::vector<storage::Migration> (*)();
  using Factory = std::unique_ptr<Store> (*)(storage::Database&);

  PostgresHarness(Migrations migrations, Factory factory, bool reopen)
      : migrations_(migrations), factory_(factory), reopen_(reopen) {
    Take(home_.Create(migrations_()));
  }
  Store& store() override { return *store_; }
  void Step() override {
    if (!reopen_) return;
    store_.reset();
    database_.reset();
    Take(home_.Open(migrations_()));
  }

 private:
  void Take(std::unique_ptr<storage::Database> database) {
    database_ = std::move(database);
    store_ = factory_(*database_);
  }

  Migrations migrations_;
  Factory factory_;
  bool reopen_;
  testing::PostgresHome home_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<Store> store_;
};

// One implementation under a name for the test output.
template <typename Store>
struct Implementation {
  std::string name;
  std::function<std::unique_ptr<StoreHarness<Store>>()> make;
  // Why it cannot be here; empty when it can.
  std::string absent;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_STORE_HARNESS_H_

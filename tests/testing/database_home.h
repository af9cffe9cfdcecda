// One database of either engine, made and opened with any migrations.

#ifndef LIMPID_TESTS_TESTING_DATABASE_HOME_H_
#define LIMPID_TESTS_TESTING_DATABASE_HOME_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/secret.h"
#include "common/storage/database.h"
#include "common/storage/postgres.h"
#include "tests/testing/postgres_server.h"
#include "tests/testing/shared.h"

namespace limpid::testing {

class DatabaseHome {
 public:
  using Opened = absl::StatusOr<std::unique_ptr<storage::Database>>;

  virtual ~DatabaseHome() = default;
  DatabaseHome() = default;
  DatabaseHome(const DatabaseHome&) = delete;
  DatabaseHome& operator=(const DatabaseHome&) = delete;

  virtual Opened Create(std::vector<storage::Migration> migrations) = 0;
  virtual Opened Open(std::vector<storage::Migration> migrations) = 0;
};

class FileHome final : public DatabaseHome {
 public:
  Opened Create(std::vector<storage::Migration> migrations) override {
    return storage::Database::Create(OptionsOf(std::move(migrations)));
  }
  Opened Open(std::vector<storage::Migration> migrations) override {
    return storage::Database::Open(OptionsOf(std::move(migrations)));
  }

 private:
  [[nodiscard]] storage::Options OptionsOf(
      std::vector<storage::Migration> migrations) const {
    storage::Options options;
    options.path = directory_.path() / "one.db";
    options.key = base::SecretBytes(storage::kRawKeyBytes);
    options.migrations = std::move(migrations);
    return options;
  }

  TempDir directory_;
};

class ServerHome final : public DatabaseHome {
 public:
  Opened Create(std::vector<storage::Migration> migrations) override {
    return storage::CreatePostgres(home_.Options(std::move(migrations)));
  }
  Opened Open(std::vector<storage::Migration> migrations) override {
    return storage::OpenPostgres(home_.Options(std::move(migrations)));
  }

 private:
  PostgresHome home_;
};

inline std::unique_ptr<DatabaseHome> NewFileHome() {
  return std::make_unique<FileHome>();
}
// The server must be there: PostgresServer::WhyAbsent.
inline std::unique_ptr<DatabaseHome> NewServerHome() {
  return std::make_unique<ServerHome>();
}

}  // namespace limpid::testing

#endif  // LIMPID_TESTS_TESTING_DATABASE_HOME_H_

// The vocabulary of the tests of the PostgreSQL engine: a database with items
// in a schema of its own, on the shared server or on one that a test may harm.

#ifndef LIMPID_TESTS_INTEGRATION_STORAGE_POSTGRES_FIXTURE_H_
#define LIMPID_TESTS_INTEGRATION_STORAGE_POSTGRES_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/storage/database.h"
#include "common/storage/postgres.h"
#include "gtest/gtest.h"
#include "tests/integration/storage/fixture.h"
#include "tests/testing/postgres_server.h"

namespace limpid::storage {

class PostgresFixture : public ItemFixture {
 protected:
  void SetUp() override {
    LIMPID_NEEDS_POSTGRES();
    schema_ = server().NewSchema();
  }
  // The database goes before the server.
  void TearDown() override { Close(); }

  virtual testing::PostgresServer& server() {
    return testing::PostgresServer::Shared();
  }
  PostgresOptions MakeOptions() {
    PostgresOptions options;
    options.connection = server().Connection();
    options.schema = schema_;
    options.migrations = ItemMigrations();
    return options;
  }
  PostgresOptions OptionsWith(const std::string& more) {
    PostgresOptions options = MakeOptions();
    absl::StrAppend(&options.connection, " ", more);
    return options;
  }
  void CreateIt() { Take(CreatePostgres(MakeOptions())); }
  void OpenIt(PostgresOptions options) {
    Take(OpenPostgres(std::move(options)));
  }
  void Reopen() {
    Close();
    OpenIt(MakeOptions());
  }
  // The same schema, as another process would have it.
  std::unique_ptr<Database> OpenAnother() {
    return OpenPostgres(MakeOptions()).value();
  }
  // Ends every connection of ours; waits until the server has.
  void EndConnections() {
    const std::string ours = " FROM pg_stat_activity WHERE usename = 'limpid'";
    server().Run("SELECT pg_terminate_backend(pid, 10000)" + ours);
  }
  [[nodiscard]] const std::string& schema() const { return schema_; }

 private:
  std::string schema_;
};

// With a server of the test's own.
class HarmedPostgresFixture : public PostgresFixture {
 protected:
  void SetUp() override {
    LIMPID_NEEDS_POSTGRES();
    own_ = std::make_unique<testing::PostgresServer>();
    PostgresFixture::SetUp();
  }
  testing::PostgresServer& server() override { return *own_; }

 private:
  std::unique_ptr<testing::PostgresServer> own_;
};

}  // namespace limpid::storage

#endif  // LIMPID_TESTS_INTEGRATION_STORAGE_POSTGRES_FIXTURE_H_

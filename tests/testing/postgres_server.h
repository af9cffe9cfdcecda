// A PostgreSQL server of the test program's own: real, in a temporary
// directory, reached by a socket in it alone, started at first use and stopped
// with the program. Runs as an ordinary user when the test is root.

#ifndef LIMPID_TESTS_TESTING_POSTGRES_SERVER_H_
#define LIMPID_TESTS_TESTING_POSTGRES_SERVER_H_

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/storage/database.h"
#include "common/storage/postgres.h"

namespace limpid::testing {

class PostgresServer {
 public:
  // Why there can be none here: no binaries. Empty when there can.
  static std::string WhyAbsent();
  // The one of this program. Aborts when it does not start.
  static PostgresServer& Shared();

  // One for a test that harms it.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // For the role `limpid`, which owns the database and is no superuser. It has
  // a password, kPassword.
  [[nodiscard]] std::string Connection() const;
  // For the superuser.
  [[nodiscard]] std::string Administrator() const;
  // Runs SQL as the superuser; its first value, or "" without one. A failure
  // fails the test.
  [[nodiscard]] std::string Ask(const std::string& sql) const;
  void Run(const std::string& sql) const;
  // Changes a setting of the running server and waits until it is in force.
  void Set(std::string_view name, std::string_view value) const;
  // A schema name that nobody has had.
  [[nodiscard]] std::string NewSchema();
  [[nodiscard]] const std::filesystem::path& directory() const {
    return directory_;
  }
  // Gives a directory to the user whom the server runs as.
  static void Own(const std::filesystem::path& path);

  // As `pg_ctl stop -m immediate`: the server recovers at its next start.
  void StopAtOnce();
  void Start();

  static constexpr const char* kPassword = "a-password-that-no-error-repeats";

 private:
  void Initialise() const;
  [[nodiscard]] std::string ConnectionOf(std::string_view role) const;

  std::filesystem::path directory_;
  pid_t server_ = -1;
  int schemas_ = 0;
};

// One schema of the shared server, as a store's home: made, closed, opened.
class PostgresHome {
 public:
  [[nodiscard]] storage::PostgresOptions Options(
      std::vector<storage::Migration> migrations) const;
  // Aborts when it cannot.
  [[nodiscard]] std::unique_ptr<storage::Database> Create(
      std::vector<storage::Migration> migrations) const;
  [[nodiscard]] std::unique_ptr<storage::Database> Open(
      std::vector<storage::Migration> migrations) const;

 private:
  std::string schema_ = PostgresServer::Shared().NewSchema();
};

}  // namespace limpid::testing

// Skips the test where no server can be.
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): GTEST_SKIP returns
#define LIMPID_NEEDS_POSTGRES()                           \
  if (const std::string limpid_absent =                   \
          ::limpid::testing::PostgresServer::WhyAbsent(); \
      !limpid_absent.empty())                             \
  GTEST_SKIP() << limpid_absent

#endif  // LIMPID_TESTS_TESTING_POSTGRES_SERVER_H_

// A statement is parsed and planned once for each connection, whatever is bound
// to it: doing it again costs more than most reads.

#include <cstdint>

#include "common/base/file.h"
#include "common/storage/sqlcipher_connection.h"
#include "gtest/gtest.h"
#include "sqlcipher/sqlite3.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;

TEST(Prepared, OnceWhateverIsBound) {
  const ::limpid::testing::TempDir directory;
  const auto path = directory.path() / "one.db";
  constexpr mode_t kOwnerOnly = 0600;
  ASSERT_THAT(base::WriteFileAtomically(path, {}, kOwnerOnly), IsOk());
  const base::SecretBytes key(48);
  const auto opened = Connection::Open(path, key, 1 << 20);
  ASSERT_THAT(opened, IsOk());
  Connection& connection = **opened;
  ASSERT_THAT(connection.Execute("CREATE TABLE t (place BIGINT PRIMARY KEY, "
                                 "kind BIGINT NOT NULL, lookup BYTEA)"),
              IsOk());
  ASSERT_THAT(connection.Execute("CREATE UNIQUE INDEX t_lookup ON t "
                                 "(kind, lookup) WHERE lookup IS NOT NULL"),
              IsOk());
  const auto ignore = [](const Row&) { return absl::OkStatus(); };
  const base::Bytes lookup = {1, 2};
  for (std::int64_t i = 1; i <= 5; ++i) {
    EXPECT_THAT(connection.Query("SELECT place FROM t WHERE place < $1 "
                                 "ORDER BY place DESC LIMIT $2",
                                 {i, i}, ignore),
                IsOk());
    EXPECT_THAT(
        connection.Query("SELECT place FROM t WHERE kind = $1 AND lookup = $2",
                         {i, lookup}, ignore),
        IsOk());
  }
  int statements = 0;
  for (sqlite3_stmt* one = sqlite3_next_stmt(connection.handle(), nullptr);
       one != nullptr; one = sqlite3_next_stmt(connection.handle(), one)) {
    ++statements;
    EXPECT_EQ(sqlite3_stmt_status(one, SQLITE_STMTSTATUS_REPREPARE, 0), 0)
        << sqlite3_sql(one);
  }
  EXPECT_GE(statements, 2);
}

}  // namespace
}  // namespace limpid::storage

#include "common/storage/dialect.h"

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::StatusIs;

std::string Sqlite(std::string_view sql) { return ToSqlite(sql).value().sql; }

TEST(Dialect, MakesTablesStrictWithTypesOfSqlite) {
  EXPECT_EQ(
      Sqlite("CREATE TABLE t (shard BIGINT NOT NULL, id BYTEA, name TEXT, "
             "PRIMARY KEY (shard, id))"),
      "CREATE TABLE t (shard INTEGER NOT NULL, id BLOB, name TEXT, "
      "PRIMARY KEY (shard, id)) STRICT");
}

// In SQLite these words, and no others, make the column the table's own order.
TEST(Dialect, AKeyOfOneNumberIsTheRowsOwnNumber) {
  EXPECT_EQ(Sqlite("CREATE TABLE t (place BIGINT PRIMARY KEY, id BYTEA)"),
            "CREATE TABLE t (place INTEGER PRIMARY KEY, id BLOB) STRICT");
}

TEST(Dialect, ATableInTheOrderOfItsKeyIsOneOfSqliteAlone) {
  constexpr std::string_view kSql =
      "CREATE TABLE t (id BYTEA PRIMARY KEY) WITHOUT ROWID";
  EXPECT_EQ(Sqlite(kSql),
            "CREATE TABLE t (id BLOB PRIMARY KEY) WITHOUT ROWID, STRICT");
  EXPECT_EQ(ToPostgres(kSql).value().sql,
            "CREATE TABLE t (id BYTEA PRIMARY KEY)");
}

TEST(Dialect, PostgresqlGetsTheTextAsItIs) {
  const PostgresStatement statement =
      ToPostgres("SELECT id FROM t WHERE a = $1 AND b = $2 AND c = $1").value();
  EXPECT_EQ(statement.sql,
            "SELECT id FROM t WHERE a = $1 AND b = $2 AND c = $1");
  EXPECT_EQ(statement.parameter_count, 2);
}

TEST(Dialect, LeavesOtherStatementsAndQuotedWordsAlone) {
  EXPECT_EQ(Sqlite("SELECT bytea FROM t WHERE name = 'BIGINT $9 ; ?'"),
            "SELECT bytea FROM t WHERE name = 'BIGINT $9 ; ?'");
  EXPECT_EQ(Sqlite("CREATE INDEX bigint_index ON t (id)"),
            "CREATE INDEX bigint_index ON t (id)");
}

TEST(Dialect, CountsPlaceholdersAndAllowsASecondUse) {
  EXPECT_EQ(ToSqlite("SELECT $1, $2, $1, $3").value().parameter_count, 3);
  EXPECT_EQ(ToSqlite("SELECT 1").value().parameter_count, 0);
}

TEST(Dialect, RefusesWhatTheEnginesWouldUnderstandDifferently) {
  for (const std::string_view sql :
       {"SELECT $2, $1", "SELECT $1, $3", "SELECT $0", "SELECT $x", "SELECT ?",
        "SELECT 1; SELECT 2", "SELECT 'open", "PRAGMA user_version",
        "INSERT OR IGNORE INTO t VALUES (1)", "REPLACE INTO t VALUES (1)",
        "CREATE TABLE t (id BIGINT PRIMARY KEY AUTOINCREMENT)",
        "CREATE TABLE t (a BIGINT REFERENCES u DEFERRABLE)",
        "SELECT id FROM t WITHOUT ROWID",
        "CREATE INDEX i ON t (id) WITHOUT ROWID"}) {
    EXPECT_THAT(ToSqlite(sql), StatusIs(absl::StatusCode::kInternal)) << sql;
    EXPECT_THAT(ToPostgres(sql), StatusIs(absl::StatusCode::kInternal)) << sql;
  }
}

TEST(Dialect, AddedColumnsGetTheEnginesTypes) {
  const auto added =
      ToSqlite("ALTER TABLE item ADD COLUMN note BYTEA NOT NULL DEFAULT 0");
  ASSERT_TRUE(added.ok());
  EXPECT_EQ(added->sql,
            "ALTER TABLE item ADD COLUMN note BLOB NOT NULL DEFAULT 0");
}

}  // namespace
}  // namespace limpid::storage

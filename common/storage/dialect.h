// One SQL for both engines. Statements are written with BIGINT, TEXT and BYTEA
// and with placeholders $1, $2 ... whose first uses come in that order: SQLite
// numbers by first appearance, PostgreSQL by name, so only then do both bind
// alike. docs/formats/sql-dialect.md

#ifndef LIMPID_COMMON_STORAGE_DIALECT_H_
#define LIMPID_COMMON_STORAGE_DIALECT_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace limpid::storage {

// A statement ready for SQLite.
struct SqliteStatement {
  std::string sql;
  // Distinct placeholders.
  int parameter_count = 0;
};

// The same for PostgreSQL.
struct PostgresStatement {
  std::string sql;
  int parameter_count = 0;
};

// Translates one statement. In CREATE TABLE and ALTER TABLE the types become
// SQLite's, and a new table STRICT; everything else passes unchanged.
//
// Errors:
//   kInternal  a placeholder out of order, `?`, an unterminated string, `;`, a
//              word only one engine has (AUTOINCREMENT, GLOB, INSERT OR,
//              PRAGMA, REPLACE), WITHOUT ROWID after anything but a
//              CREATE TABLE, or a constraint checked at commit
//              (DEFERRABLE), which would fail the other callers of a shared
//              commit.
absl::StatusOr<SqliteStatement> ToSqlite(std::string_view sql);

// Translates one statement: takes WITHOUT ROWID off a CREATE TABLE. The rest
// passes unchanged and is checked as ToSqlite would, so that a statement which
// only one engine takes is found on either.
//
// Errors: those of ToSqlite.
absl::StatusOr<PostgresStatement> ToPostgres(std::string_view sql);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_DIALECT_H_

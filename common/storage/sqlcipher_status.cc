#include "common/storage/sqlcipher_status.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "sqlcipher/sqlite3.h"

namespace limpid::storage {
namespace {

constexpr int kPrimaryMask = 0xFF;

int Primary(int extended_code) { return extended_code & kPrimaryMask; }

absl::Status FromConstraint(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return absl::AlreadyExistsError("a row with this key exists");
    default:
      return absl::FailedPreconditionError(
          "a constraint of the database refused the change");
  }
}

// Growing the shared index of the write-ahead log fails this way when the disk
// is full.
bool IsFull(int extended_code) {
  return Primary(extended_code) == SQLITE_FULL ||
         extended_code == SQLITE_IOERR_SHMSIZE;
}

}  // namespace

absl::Status FromSqlite(int extended_code) {
  if (IsFull(extended_code)) {
    return absl::ResourceExhaustedError(
        "no space is left on the disk that holds the database");
  }
  switch (Primary(extended_code)) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
      return absl::OkStatus();
    case SQLITE_CONSTRAINT:
      return FromConstraint(extended_code);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError("a page of the database is damaged");
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_PROTOCOL:
      return absl::UnavailableError("the disk that holds the database failed");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError("the database is busy");
    case SQLITE_READONLY:
      return absl::FailedPreconditionError("the database is read-only here");
    case SQLITE_NOMEM:
      return absl::ResourceExhaustedError("out of memory");
    case SQLITE_TOOBIG:
      return absl::InvalidArgumentError("a value is too large to store");
    default:
      return absl::InternalError(absl::StrCat(
          "the database refused a statement (", extended_code, ")"));
  }
}

bool SpoilsConnection(int extended_code) {
  const int primary = Primary(extended_code);
  return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ||
         IsDiskFailure(extended_code);
}

bool IsDiskFailure(int extended_code) {
  const int primary = Primary(extended_code);
  return !IsFull(extended_code) &&
         (primary == SQLITE_IOERR || primary == SQLITE_PROTOCOL ||
          primary == SQLITE_CANTOPEN);
}

}  // namespace limpid::storage

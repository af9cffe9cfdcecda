// SQLite's result codes as our statuses: fixed sentences without SQL text or
// values.

#ifndef LIMPID_COMMON_STORAGE_SQLCIPHER_STATUS_H_
#define LIMPID_COMMON_STORAGE_SQLCIPHER_STATUS_H_

#include "absl/status/status.h"

namespace limpid::storage {

// The status of an extended result code; OK for SQLITE_OK, ROW and DONE.
absl::Status FromSqlite(int extended_code);

// Whether a connection that met this code must be closed: a page that failed
// authentication leaves it refusing every other page (sqlcipher#617).
bool SpoilsConnection(int extended_code);

// Whether the disk itself failed, so that what it holds is unknown.
bool IsDiskFailure(int extended_code);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_SQLCIPHER_STATUS_H_

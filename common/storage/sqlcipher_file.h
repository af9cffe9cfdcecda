// What is known about a database file before and while it is opened: is it
// there, is it encrypted, is the key its own, which schema has it. Internal.

#ifndef LIMPID_COMMON_STORAGE_SQLCIPHER_FILE_H_
#define LIMPID_COMMON_STORAGE_SQLCIPHER_FILE_H_

#include <filesystem>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/storage/sqlcipher_connection.h"

namespace limpid::storage {

// Errors: those of Database::Open that the first bytes of the file show.
absl::Status CheckHeader(const Options& options);

// Makes the file under a temporary name, complete, and renames it.
//
// Errors: those of Database::Create.
absl::Status CreateFile(const Options& options);

// Opens the connection that writes: reads the schema (a key is only proven by
// a read), refuses a newer one, migrates an older one. Changes nothing unless
// it succeeds.
//
// Errors: those of Database::Open.
absl::StatusOr<std::unique_ptr<Connection>> OpenWriter(const Options& options);

// Opens a connection that can only read.
absl::StatusOr<std::unique_ptr<Connection>> OpenReader(const Options& options);

// Authenticates every page and checks the structure.
absl::Status CheckPages(const Options& options);

// The write-ahead log and its index, beside the file.
std::filesystem::path Beside(const std::filesystem::path& path,
                             const char* suffix);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_SQLCIPHER_FILE_H_

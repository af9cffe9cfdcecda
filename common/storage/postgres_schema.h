// What lies in the server before anybody works with it: that the server keeps
// what it confirms, that the schema is there, and which version it has.
// Internal to this folder.

#ifndef LIMPID_COMMON_STORAGE_POSTGRES_SCHEMA_H_
#define LIMPID_COMMON_STORAGE_POSTGRES_SCHEMA_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/storage/postgres_connection.h"
#include "common/storage/postgres_target.h"

namespace limpid::storage {

// Which history of which server this is: its identifier and timeline. Another
// one after a connection was lost may lack what was acknowledged.
//
// Errors:
//   kFailedPrecondition  the server is too old, a standby, or set so that a
//                        commit could be lost or text compared otherwise than
//                        byte by byte.
absl::StatusOr<std::string> CheckServer(PostgresConnection& connection);

// A connection to a server that CheckServer found good, with its identity.
struct CheckedConnection {
  std::unique_ptr<PostgresConnection> connection;
  std::string identity;
};
absl::StatusOr<CheckedConnection> OpenChecked(const PostgresTarget& target);

// kAlreadyExists when anything is in the schema.
absl::Status CreateSchema(PostgresConnection& connection,
                          std::string_view schema,
                          std::span<const Migration> migrations);

// kNotFound without our schema, kFailedPrecondition when it is newer.
absl::Status MigrateSchema(PostgresConnection& connection,
                           std::string_view schema,
                           std::span<const Migration> migrations);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_POSTGRES_SCHEMA_H_

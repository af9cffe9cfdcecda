// Where the server is and how it is spoken to: the connection string of the
// operator, checked and completed. Refuses to speak to an unverified server
// over a network. Connects to nothing.

#ifndef LIMPID_COMMON_STORAGE_POSTGRES_TARGET_H_
#define LIMPID_COMMON_STORAGE_POSTGRES_TARGET_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace limpid::storage {

struct PostgresTarget {
  // libpq's parameters.
  std::map<std::string, std::string> parameters;
  std::string schema;
};

// Errors:
//   kInvalidArgument  as OpenPostgres. Quotes nothing of `connection`.
absl::StatusOr<PostgresTarget> ParsePostgresTarget(
    const std::string& connection, std::string_view schema);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_POSTGRES_TARGET_H_

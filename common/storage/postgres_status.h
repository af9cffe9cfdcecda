// PostgreSQL's SQLSTATE codes as our statuses: fixed sentences. The server's
// own messages name values ("Key (id)=(...) already exists"), so none is used.

#ifndef LIMPID_COMMON_STORAGE_POSTGRES_STATUS_H_
#define LIMPID_COMMON_STORAGE_POSTGRES_STATUS_H_

#include <string_view>

#include "absl/status/status.h"

namespace limpid::storage {

// The status of a failed statement; "" when the server gave no answer at all.
// Never OK.
absl::Status FromSqlState(std::string_view code);

}  // namespace limpid::storage

#endif  // LIMPID_COMMON_STORAGE_POSTGRES_STATUS_H_

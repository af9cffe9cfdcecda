// Steps of migrations that SQL cannot take: rows of an earlier schema go to
// where they stand now. In the migration's transaction: killed, it begins
// again.

#ifndef LIMPID_CONSENT_STORE_ROW_MIGRATION_H_
#define LIMPID_CONSENT_STORE_ROW_MIGRATION_H_

#include "absl/status/status.h"
#include "common/storage/session.h"

namespace limpid::consent {

// From the table `personal`, which goes, to `person` and `person_row`.
absl::Status MoveRowsOfPersons(storage::Session& session);
// From `person_key` and `person_log_key`, which go, to `person_keys`.
absl::Status MovePersonKeys(storage::Session& session);

}  // namespace limpid::consent

#endif  // LIMPID_CONSENT_STORE_ROW_MIGRATION_H_

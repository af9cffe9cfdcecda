// Recoveries in SQL: the part of the values' transactions that vault/recovery
// asks for.

#ifndef LIMPID_VAULT_STORE_SQL_RECOVERY_H_
#define LIMPID_VAULT_STORE_SQL_RECOVERY_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/storage/session.h"
#include "vault/recovery/recovery_row.h"

namespace limpid::vault {

// The step of the values' schema that adds recoveries.
storage::Migration RecoveryMigration();
// The step that keeps in each row when its slot was last handed out.
storage::Migration HandedOutMigration();

// VaultReads::Recoveries and VaultTransaction::PutRecovery.
absl::StatusOr<std::vector<RecoveryRow>> ReadRecoveries(
    storage::Session& session, const Owner& owner);
absl::Status WriteRecovery(storage::Session& session, const RecoveryRow& row);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_SQL_RECOVERY_H_

// After an older copy of the vault's store was put back on purpose: the rows of
// the acts it lacks, as far as the log still knows them. docs/restore-vault.md

#ifndef LIMPID_VAULT_LOG_CATCH_UP_H_
#define LIMPID_VAULT_LOG_CATCH_UP_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "vault/attribute/vault_store.h"
#include "vault/log/act_writer.h"
#include "vault/log/vault_log.h"

namespace limpid::vault {

// Appends a row that knows its leaf only (ActKind::kLost) for every act that
// the log has and the store has not, then an act that says so. Returns how many
// were lost; 0 when the store is not older. Can be repeated after a crash: what
// it says then is of all of them.
//
// Errors:
//   kDataLoss  the store is another one's: its newest act is not the log's.
absl::StatusOr<std::uint64_t> CatchUp(VaultStore& store, const VaultLog& log,
                                      const ActWriter& acts, absl::Time now);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_LOG_CATCH_UP_H_

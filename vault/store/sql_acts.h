// Acts in SQL: the part of the values' transactions that the vault's log asks
// for.

#ifndef LIMPID_VAULT_STORE_SQL_ACTS_H_
#define LIMPID_VAULT_STORE_SQL_ACTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "common/storage/session.h"
#include "vault/attribute/vault_store.h"

namespace limpid::vault {

// Finds a person's acts of the kinds that have a rate.
storage::Migration RatedActsMigration();

// VaultReads::Head, FindAct, RatedActs, LastLostAct and ActsFrom.
absl::StatusOr<LogHead> ReadHead(storage::Session& session);
absl::StatusOr<std::optional<ActRow>> ReadAct(storage::Session& session,
                                              const ActKey& key);
absl::StatusOr<std::vector<std::int64_t>> ReadRatedActs(
    storage::Session& session, const Owner& owner, ActKind kind,
    const ActSpan& span, std::size_t limit);
absl::StatusOr<std::uint64_t> ReadLastLostAct(storage::Session& session);
absl::StatusOr<std::vector<ActRow>> ReadActs(storage::Session& session,
                                             std::uint64_t first,
                                             std::size_t limit);
// VaultTransaction::AppendAct.
absl::Status WriteAct(storage::Session& session, const ActRow& row);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_SQL_ACTS_H_

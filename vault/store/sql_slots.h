// Rows of key slots and of the outer keys of grant copies in the key store's
// tables, inside a caller's transaction.

#ifndef LIMPID_VAULT_STORE_SQL_SLOTS_H_
#define LIMPID_VAULT_STORE_SQL_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/storage/database.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

absl::Status InsertSlot(storage::Session& session, const SlotRow& row);
// Of generation 0 the newest.
absl::StatusOr<std::optional<SlotRow>> ServerSlotOf(storage::Session& session,
                                                    const Owner& owner,
                                                    std::uint32_t generation);
// By generation, kind and id.
absl::StatusOr<std::vector<SlotRow>> SlotsOf(storage::Session& session,
                                             const Owner& owner,
                                             Custody custody);
// These say how many.
absl::StatusOr<std::int64_t> DeleteSlot(storage::Session& session,
                                        const SlotKey& key);
absl::StatusOr<std::int64_t> DeleteSlotsOf(storage::Session& session,
                                           const Owner& owner, Custody custody,
                                           std::uint32_t below);
// All slots and all outer keys of copies.
absl::Status DeleteKeysOf(storage::Session& session, const Owner& owner);

absl::Status InsertCopyKeyRow(storage::Session& session, const CopyKeyRow& row);
absl::StatusOr<std::optional<CopyKeyRow>> CopyKeyOf(storage::Session& session,
                                                    const Owner& owner,
                                                    const RecordKey& record);
absl::Status DeleteCopyKey(storage::Session& session, const Owner& owner,
                           const RecordKey& record);
absl::StatusOr<std::vector<RecordKey>> CopyKeyRecordsOf(
    storage::Session& session, const Owner& owner);

// As KeyStore has them; each true when the row was as `change` says.
absl::StatusOr<bool> ReplaceSlot(storage::Session& session,
                                 const KeyStore::SlotChange& change);
absl::StatusOr<bool> ReplaceCopyKey(storage::Session& session,
                                    const KeyStore::CopyKeyChange& change);
absl::StatusOr<std::vector<SlotRow>> SlotsBelow(storage::Session& session,
                                                std::uint16_t shard,
                                                std::uint32_t epoch,
                                                std::size_t skip,
                                                std::size_t limit);
absl::StatusOr<std::vector<CopyKeyRow>> CopyKeysBelow(storage::Session& session,
                                                      std::uint16_t shard,
                                                      std::uint32_t epoch,
                                                      std::size_t skip,
                                                      std::size_t limit);
absl::StatusOr<std::vector<std::uint16_t>> ShardsBelow(
    storage::Session& session, std::uint32_t epoch);
absl::StatusOr<std::vector<EpochUse>> UsesOf(storage::Session& session);
absl::StatusOr<std::int64_t> DeleteCopyKeysOf(storage::Session& session,
                                              std::uint32_t epoch);

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_STORE_SQL_SLOTS_H_

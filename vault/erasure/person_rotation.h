// Rotating the assisted key of one person: everything of hers is wrapped anew
// under a new generation, counted, and only then is the old one destroyed.
// Never touches a value. Killed anywhere, every value stays readable, and
// beginning again ends it. docs/formats/key-slots.md,
// docs/adr/2026-11-30-erasures-share-commits.md

#ifndef LIMPID_VAULT_ERASURE_PERSON_ROTATION_H_
#define LIMPID_VAULT_ERASURE_PERSON_ROTATION_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "vault/core.h"

namespace limpid::vault {

// One rotation: Look, Begin, Move, End, each once. The caller holds the
// owner's lock; puts and reads of hers may go on.
class PersonRotation {
 public:
  // Rows or acts moved in one transaction.
  static constexpr std::size_t kBatch = 256;

  // Joins the first transaction. May run twice, then the first is undone.
  using FirstWork = absl::FunctionRef<absl::Status(
      VaultTransaction& transaction, const PersonKey& next)>;

  // `core` must outlive it.
  PersonRotation(VaultCore& core, const Owner& owner, absl::Time now)
      : core_(core), owner_(owner), now_(now) {}

  // Reads her slots. Whether there is an assisted key of hers to rotate.
  absl::StatusOr<bool> Look();
  // Makes the next generation. Then, in one transaction of the values' store,
  // says in the vault's log that there is a newer key (from then on no put
  // takes an older one) and does `first`; with what Move does, unless that is
  // more than a batch or does not go. OK means that `first` is done. `leaving`
  // are rows that `first` empties: nothing of theirs is wrapped anew.
  //
  // Errors:
  //   kNotFound  she has no assisted key.
  absl::Status Begin(std::span<const AttributeRow> leaving, FirstWork first);
  // Wraps anew what is under older generations, in batches. Then counts: as
  // many rows and acts as before, none under an older generation; and logs the
  // destruction.
  //
  // Errors:
  //   kDataLoss  a row or act does not open, or the count is wrong: nothing
  //              may be destroyed.
  absl::Status Move();
  // Destroys the older slots.
  absl::Status End();

  // Of Look: the slots that End destroys.
  [[nodiscard]] std::uint32_t destroyed_generation() const;
  [[nodiscard]] std::uint32_t destroyed_epoch() const;

 private:
  // Begin's transaction without anything moved.
  absl::Status Announce(VaultTransaction& transaction, FirstWork first);
  // Wraps anew what Begin will move, before the one writer of the store waits
  // for it. What does not open is left for the transaction to meet.
  //
  // Errors: those of reading.
  absl::Status Prepare(std::span<const AttributeRow> leaving);
  absl::StatusOr<std::shared_ptr<const PersonKey>> KeyOf(
      std::uint32_t generation);
  absl::StatusOr<AttributeRow> Anew(const AttributeRow& row);
  absl::StatusOr<SealedAct> Anew(const SealedAct& act);
  // These move a batch and say how many it had.
  absl::StatusOr<std::size_t> MoveRows(VaultTransaction& transaction);
  absl::StatusOr<std::size_t> MoveActs(VaultTransaction& transaction);
  // Whether the store has each as it was moved. All are behind `after`.
  absl::Status ReadBack(
      const ErasureReads& store, const RowPlace& after,
      const std::map<crypto::KeyId, AttributeRow>& moved) const;
  // All at once: they are few.
  absl::Status MoveLinks(VaultTransaction& transaction);
  // Counts, and logs the destruction.
  absl::Status Close(VaultTransaction& transaction);
  // Once for each generation and kind.
  absl::Status LogKey(VaultTransaction& transaction, ActKind kind,
                      std::uint32_t generation, const crypto::KeyId& id);

  VaultCore& core_;
  const Owner owner_;
  const absl::Time now_;
  // Assisted ones, of every kind.
  std::vector<SlotRow> old_slots_;
  std::shared_ptr<const PersonKey> next_;
  // By generation, those that were needed.
  std::map<std::uint32_t, std::shared_ptr<const PersonKey>> held_;
  // As they were read and as they shall be: by the row's id, by the counter.
  std::map<crypto::KeyId, std::pair<AttributeRow, AttributeRow>> rows_;
  std::map<std::uint64_t, std::pair<SealedAct, SealedAct>> acts_;
  PersonCount before_;
  // The last row of the batches that were moved. Nothing comes in before it
  // that is to be moved: puts take the newest key.
  RowPlace rows_moved_to_;
  // Begin did what Move does.
  bool moved_ = false;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_PERSON_ROTATION_H_

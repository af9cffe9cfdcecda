// Holds of administrators on a person's data: placed with a legal reason, shown
// to her, lifted later. While one stands nothing of hers is erased.
// docs/formats/erasure-certificate.md

#ifndef LIMPID_VAULT_ERASURE_HOLD_DESK_H_
#define LIMPID_VAULT_ERASURE_HOLD_DESK_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"
#include "vault/erasure/hold.h"

namespace limpid::vault {

// Thread-safe. Each change is an act in the vault's log.
class HoldDesk {
 public:
  // Both must outlive it.
  HoldDesk(VaultCore& core, Eraser& eraser) : core_(core), eraser_(eraser) {}

  // Waits for an erasure of hers that is under way; one that was decided before
  // is not held.
  //
  // Errors:
  //   kInvalidArgument     the reason is empty or too long.
  //   kNotFound            nothing of such a person is here.
  //   kFailedPrecondition  she was erased here, or that was decided and is not
  //                        finished yet.
  //   kUnavailable         an erasure of hers is under way; try again.
  absl::StatusOr<PlacedHold> Place(const HolderId& holder, const Hold& hold);
  // Errors:
  //   kNotFound  no such hold, or it was lifted before.
  absl::StatusOr<PlacedHold> Lift(const HoldId& id);
  // Oldest first, lifted ones included.
  absl::StatusOr<std::vector<PlacedHold>> List(const HolderId& holder) const;

 private:
  // An erasure of everything deletes her holds too, also one placed meanwhile.
  absl::Status CheckNotGoing(const Owner& owner) const;
  absl::Status Log(VaultTransaction& transaction, const HoldRow& row,
                   std::string_view what) const;

  VaultCore& core_;
  Eraser& eraser_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_ERASURE_HOLD_DESK_H_

// Hands out the body of a recovery slot: after a delay in which each of the
// person's devices is shown that it will be, and any of them can cancel. It
// opens no slot and sees no recovery key. docs/formats/recovery.md

#ifndef LIMPID_VAULT_RECOVERY_RECOVERY_DESK_H_
#define LIMPID_VAULT_RECOVERY_RECOVERY_DESK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "vault/attribute/person_acts.h"
#include "vault/attribute/person_vault.h"
#include "vault/core.h"
#include "vault/custody/slot_body.h"
#include "vault/keys/key_store.h"
#include "vault/recovery/recovery_row.h"

namespace limpid::vault {

// Numbers are those of limpid.vault.v1.RecoveryPhase.
enum class RecoveryPhase : std::uint8_t {
  kNone = 1,
  kWaiting = 2,
  kOpen = 3,
  kHandedOut = 4,
  kCancelled = 5,
  kOver = 6,
};

using SlotId = base::ByteArray<16>;

// The newest recovery through one slot. Times and number are unset where the
// phase is kNone.
struct SlotRecovery {
  SlotId slot_id{};
  // To the recovery key; zero for a slot that knows no recovery.
  base::Digest32 commitment{};
  RecoveryPhase phase = RecoveryPhase::kNone;
  std::uint64_t number = 0;
  absl::Time start;
  absl::Time open;
  absl::Time close;
  // When it was handed out or cancelled.
  std::optional<absl::Time> end;
  // When the body last left through this slot, in any of its recoveries.
  std::optional<absl::Time> handed_out;
  std::uint32_t cancels = 0;
  bool barred = false;
};

struct RecoveryDone {
  SlotRecovery recovery;
  DoneAct act;
};

struct HandedOutSlot {
  SlotRow slot;
  base::Bytes body;
  RecoveryDone done;
};

// What the voice of a slot signs to allow recoveries again after `number`.
base::Bytes AllowStatement(const SourceId& source, const HolderId& holder,
                           const SlotId& slot_id, std::uint64_t number);

// Thread-safe. Blocks on the stores.
class RecoveryDesk {
 public:
  // How long the body is handed out once the delay is over: time to gather the
  // guardians again, and no door that stays open.
  static constexpr absl::Duration kOpenFor = absl::Hours(7 * 24);
  // A recovery that was cancelled this often is not a mistake any more.
  static constexpr std::uint32_t kMostCancels = 2;

  // `core` must outlive this object. `delay` is at least an hour.
  RecoveryDesk(VaultCore& core, absl::Duration delay)
      : core_(core), delay_(delay) {}

  // Errors of all calls but List:
  //   kNotFound            the person has no such recovery slot.
  //   kFailedPrecondition  everything of hers was erased here.
  //   kDataLoss            something stored does not open.

  // One for each recovery slot, by slot id.
  absl::StatusOr<std::vector<SlotRecovery>> List(const PersonCaller& caller);

  // Starts one, or answers with the one that runs.
  //
  // Errors: further
  //   kFailedPrecondition  barred, or the slot is of a form without a voice.
  //   kResourceExhausted   too many today (attribute/act_rate.h).
  //   kUnavailable         the clock is in doubt: the delay could not be
  //                        counted.
  absl::StatusOr<RecoveryDone> Start(const PersonCaller& caller,
                                     const SlotId& slot_id);

  // Errors: further
  //   kFailedPrecondition  none runs, it waits still, or an older copy of the
  //                        store was put back since it was started.
  //   kDataLoss            the row is not what was started, by the vault's log.
  absl::StatusOr<HandedOutSlot> HandOut(const PersonCaller& caller,
                                        const SlotId& slot_id);

  // Errors: further
  //   kFailedPrecondition  `number` is not the newest, or does not run.
  absl::StatusOr<RecoveryDone> Cancel(const PersonCaller& caller,
                                      const SlotId& slot_id,
                                      std::uint64_t number);

  // `signature` is the voice's over AllowStatement.
  //
  // Errors: further
  //   kInvalidArgument     it is not.
  //   kFailedPrecondition  `number` is not the newest, or nothing is barred.
  absl::StatusOr<RecoveryDone> Allow(const PersonCaller& caller,
                                     const SlotId& slot_id,
                                     std::uint64_t number,
                                     base::ByteView signature);

 private:
  // A slot with what is inside the server's wrap.
  struct Opened {
    SlotRow row;
    base::Bytes body;
    RecoveryBody parts;
  };
  // One change: what it is given, and the transaction it works in.
  struct Change {
    VaultTransaction& transaction;
    const PersonKey& key;
    const crypto::KeyId& sealed_key;
    absl::Time now;
  };
  using Work =
      absl::FunctionRef<absl::StatusOr<DoneAct>(const Change&, RecoveryRow&)>;

  absl::StatusOr<Opened> Open(const PersonCaller& caller,
                              const SlotId& slot_id);
  // Does `work` on the slot's row, which has number 0 before the first
  // recovery, in a transaction of its own.
  absl::StatusOr<RecoveryDone> Do(const Opened& slot, Work work);
  absl::StatusOr<DoneAct> Log(const Change& change, const RecoveryRow& row,
                              ActKind kind, const base::Digest32& body);
  // The vault's log, which nobody edits unseen, has this recovery started so
  // and not cancelled.
  absl::Status CheckLogged(const VaultReads& reads, const RecoveryRow& row);
  // Whether acts that came after its start were lost with the store that had
  // them: a cancel may be one of them.
  static absl::StatusOr<bool> IsForegone(const VaultReads& reads,
                                         const RecoveryRow& row);

  VaultCore& core_;
  const absl::Duration delay_;
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_RECOVERY_RECOVERY_DESK_H_

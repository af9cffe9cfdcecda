// The epochs of the vault's key-encryption keys: starts the next, wraps anew
// what is under earlier ones while everything goes on, and destroys the key of
// an earlier epoch once nothing hangs on it. Knows no person and no attribute.
// docs/formats/key-slots.md, "Epochs"

#ifndef LIMPID_VAULT_EPOCHS_EPOCH_KEEPER_H_
#define LIMPID_VAULT_EPOCHS_EPOCH_KEEPER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/mutex.h"
#include "vault/core.h"
#include "vault/erasure/eraser.h"

namespace limpid::vault {

// One epoch as an administrator sees it.
struct EpochState {
  std::uint32_t epoch = 0;
  bool current = false;
  // Its key is in the ring.
  bool stands = false;
  // What is wrapped under it.
  std::uint64_t slots = 0;
  std::uint64_t copy_keys = 0;
  // From when on it was in force, as far as the log knows.
  std::optional<absl::Time> started;
  // When its destruction was logged.
  std::optional<absl::Time> ended;
};

// What one pass over the key store did.
struct RewrapPass {
  std::uint64_t rewrapped = 0;
  // Do not open, and stay as they are.
  std::uint64_t broken = 0;
  // Keys of copies that an earlier version wrapped: they are wrapped anew when
  // their record is read or copied for.
  std::uint64_t waiting = 0;
};

enum class Destruction : std::uint8_t {
  // Another administrator has to ask for the same.
  kProposed = 1,
  kDone = 2,
};

// Thread-safe. Blocks on the stores and the ring.
class EpochKeeper {
 public:
  // How long a proposal waits for the second administrator. A restart forgets
  // it.
  static constexpr absl::Duration kProposalLife = absl::Hours(24);

  // A new epoch is due `length` after the current one began. All must outlive
  // it.
  EpochKeeper(VaultCore& core, Eraser& eraser, absl::Duration length)
      : core_(core), eraser_(eraser), length_(length) {}

  // Whether the ring is as new as the key store. Before anything is served.
  //
  // Errors:
  //   kFailedPrecondition  slots are under an epoch that the ring never had.
  absl::Status CheckRing() const;

  // What is under epochs whose keys were destroyed: a key store from before
  // then was put back, and nothing opens it.
  absl::StatusOr<std::vector<EpochUse>> Dead() const;

  // Those that the ring, the store or the log knows, ascending.
  absl::StatusOr<std::vector<EpochState>> List() const;

  // Starts the next epoch. What is wrapped is wrapped anew by later passes. One
  // caller at a time.
  absl::StatusOr<std::uint32_t> Start();
  // The same if `epoch` is in force. Repeated, it answers as the first time.
  //
  // Errors:
  //   kFailedPrecondition  another one is in force; the message says which.
  absl::StatusOr<std::uint32_t> StartAfter(std::uint32_t epoch);
  // Starts it if the current one is over. The first call for an epoch whose
  // start no act tells writes that act.
  absl::StatusOr<bool> StartIfDue();

  // Wraps anew whatever is under an earlier epoch, as long as `go_on`. Each
  // wrap is opened again before the store takes it, and is taken only if the
  // stored one is still what was read. Killed anywhere, the next pass goes on.
  absl::StatusOr<RewrapPass> Rewrap(const std::function<bool()>& go_on);

  // Destroys the key of an earlier epoch, on the word of two administrators,
  // each named by the thumbprint of a certificate; the second call does it.
  // `drop_copies` destroys the keys of copies that are still under it: devices
  // make those copies again with the next value they seal, or when told to.
  //
  // Errors:
  //   kNotFound            never was, or destroyed before.
  //   kFailedPrecondition  it is in force, or something is under it; the
  //                        message says what and what to do.
  //   kUnavailable         a disk failed: it may be destroyed or not.
  absl::StatusOr<Destruction> Destroy(std::uint32_t epoch, bool drop_copies,
                                      const base::Digest32& administrator);

 private:
  // Rows wrapped anew in one transaction.
  static constexpr std::size_t kBatch = 256;

  struct Proposal {
    base::Digest32 administrator{};
    bool drop_copies = false;
    absl::Time made;
  };

  absl::Status Log(ActKind kind, std::uint32_t epoch) const;
  absl::StatusOr<std::optional<absl::Time>> TimeOf(ActKind kind,
                                                   std::uint32_t epoch) const;
  // These say how many stay as they are.
  absl::StatusOr<std::size_t> RewrapSlots(std::span<const SlotRow> rows,
                                          RewrapPass& pass);
  absl::StatusOr<std::size_t> RewrapCopyKeys(std::span<const CopyKeyRow> rows,
                                             RewrapPass& pass);
  absl::Status RewrapShard(std::uint16_t shard, std::uint32_t epoch,
                           const std::function<bool()>& go_on,
                           RewrapPass& pass);
  absl::Status CheckDestroyable(std::uint32_t epoch, bool drop_copies) const;
  // Whether another administrator asked for the same; else keeps the proposal.
  bool Seconded(std::uint32_t epoch, bool drop_copies,
                const base::Digest32& administrator);

  VaultCore& core_;
  Eraser& eraser_;
  const absl::Duration length_;
  // One pass or destruction at a time: what a pass wraps under the epoch it
  // found must be stored before that epoch can end.
  base::Mutex working_;
  // Two who start an epoch at once start one.
  base::Mutex starting_;
  base::Mutex mutex_;
  std::map<std::uint32_t, Proposal> proposals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_EPOCHS_EPOCH_KEEPER_H_

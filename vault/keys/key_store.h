// The port of the key store: one row for each slot of each person key. It is a
// database file of its own, so that keys and values are never in one backup.
// Sees wraps, never keys. docs/formats/key-slots.md

#ifndef LIMPID_VAULT_KEYS_KEY_STORE_H_
#define LIMPID_VAULT_KEYS_KEY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "vault/keys/blind.h"
#include "vault/keys/ids.h"
#include "vault/keys/tombstone.h"

namespace limpid::vault {

// Stored: append, never renumber.
enum class SlotKind : std::uint8_t {
  kServer = 1,
  kDevice = 2,
  kRecovery = 3,
  kPassphrase = 4,
};

struct SlotRow {
  Owner owner;
  Custody custody = Custody::kAssisted;
  // Rotation of the person key, from 1.
  std::uint32_t generation = 0;
  SlotKind slot_kind = SlotKind::kServer;
  // Zero for the server slot.
  base::ByteArray<16> slot_id{};
  crypto::KeyId key_id{};
  std::uint32_t epoch = 0;
  // Milliseconds since 1970.
  std::int64_t created_ms = 0;
  base::Bytes outer;

  friend bool operator==(const SlotRow&, const SlotRow&) = default;
};

// Names one slot.
struct SlotKey {
  Owner owner;
  Custody custody = Custody::kAssisted;
  std::uint32_t generation = 0;
  SlotKind slot_kind = SlotKind::kServer;
  base::ByteArray<16> slot_id{};
};

// The outer key of the copies that the service of one record may be given;
// docs/formats/grant-copy.md.
struct CopyKeyRow {
  Owner owner;
  RecordKey record_key{};
  crypto::KeyId key_id{};
  std::uint32_t epoch = 0;
  // Milliseconds since 1970.
  std::int64_t created_ms = 0;
  base::Bytes outer;

  friend bool operator==(const CopyKeyRow&, const CopyKeyRow&) = default;
};

// How many wraps of the store are under one epoch.
struct EpochUse {
  std::uint32_t epoch = 0;
  std::uint64_t slots = 0;
  std::uint64_t copy_keys = 0;

  friend bool operator==(const EpochUse&, const EpochUse&) = default;
};

// Thread-safe.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  // Adds a slot. Durable on return; of a slot only epoch and outer wrap ever
  // change (Replace).
  //
  // Errors:
  //   kAlreadyExists       the owner has a slot of this custody, generation,
  //                        kind and slot id; the stored one is left as it is.
  //   kFailedPrecondition  the owner was erased as a person: never again a key.
  virtual absl::Status Insert(const SlotRow& row) = 0;

  // The owner's server slot of her assisted key: of `generation`, or the newest
  // for 0. Sees every Insert that has returned.
  virtual absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const = 0;

  // Adds a slot beside those that the owner's key of this custody has; what is
  // compared and what is added are one transaction. Durable on return.
  //
  // Errors:
  //   kAlreadyExists       as Insert.
  //   kFailedPrecondition  a slot of this custody has another generation or key
  //                        id: it would be of another key.
  //   kResourceExhausted   there are `max_slots` of this custody.
  virtual absl::Status InsertBeside(const SlotRow& row,
                                    std::size_t max_slots) = 0;

  // All slots of one of the owner's keys, by generation, kind and id. Sees
  // every call that has returned.
  virtual absl::StatusOr<std::vector<SlotRow>> List(const Owner& owner,
                                                    Custody custody) const = 0;

  // Deletes a slot, but never the last one of a custody. Durable on return.
  //
  // Errors:
  //   kNotFound            no such slot.
  //   kFailedPrecondition  it is the last one.
  virtual absl::Status Delete(const SlotKey& key) = 0;

  // Durable on return.
  //
  // Errors:
  //   kAlreadyExists  the record has one, which stays.
  virtual absl::Status InsertCopyKey(const CopyKeyRow& row) = 0;

  // Sees every call that has returned.
  virtual absl::StatusOr<std::optional<CopyKeyRow>> FindCopyKey(
      const Owner& owner, const RecordKey& record) const = 0;

  // Deletes the record's key, if there is one. Durable on return.
  virtual absl::Status DestroyCopyKey(const Owner& owner,
                                      const RecordKey& record) = 0;
  // The records of the owner that have one, in order.
  virtual absl::StatusOr<std::vector<RecordKey>> CopyKeyRecords(
      const Owner& owner) const = 0;
  // Deletes those of `records` that are there. Durable on return, all or none.
  virtual absl::Status DestroyCopyKeys(const Owner& owner,
                                       std::span<const RecordKey> records) = 0;
  // Deletes the owner's slots of `custody` whose generation is below `below`,
  // of every kind. Returns how many there were. Durable on return.
  virtual absl::StatusOr<std::int64_t> DeleteSlotsBelow(
      const Owner& owner, Custody custody, std::uint32_t below) = 0;
  // Owners that have server slots of more than one generation: a rotation of
  // theirs was begun and not ended.
  virtual absl::StatusOr<std::vector<Owner>> OwnersInRotation() const = 0;

  // What is to be wrapped anew: the row as it was read, and as it shall be.
  using SlotChange = std::pair<SlotRow, SlotRow>;
  using CopyKeyChange = std::pair<CopyKeyRow, CopyKeyRow>;
  // Sets epoch and outer wrap of each row that still is as it was read, and
  // nothing of the others. Returns how many were set. Durable on return, all or
  // none.
  virtual absl::StatusOr<std::size_t> Replace(
      std::span<const SlotChange> slots,
      std::span<const CopyKeyChange> copy_keys) = 0;
  // Slots of owners in `shard` whose epoch is below `epoch`, of every kind, by
  // owner, custody, kind, generation and id, without the first `skip`, at most
  // `limit`.
  virtual absl::StatusOr<std::vector<SlotRow>> SlotsBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const = 0;
  // The same of keys of copies, by owner and record.
  virtual absl::StatusOr<std::vector<CopyKeyRow>> CopyKeysBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const = 0;
  // The shards that have any of both, ascending.
  virtual absl::StatusOr<std::vector<std::uint16_t>> ShardsBelowEpoch(
      std::uint32_t epoch) const = 0;
  // Deletes the keys of copies under `epoch`. Returns how many there were.
  // Durable on return.
  virtual absl::StatusOr<std::int64_t> DestroyCopyKeysOf(
      std::uint32_t epoch) = 0;
  // By epoch, those alone that have any.
  virtual absl::StatusOr<std::vector<EpochUse>> EpochUses() const = 0;

  // Stores each of `tombstones` as unfinished under the next sequence, which
  // is filled in, and deletes in the same transaction every slot and every key
  // of copies of an owner that is erased as a person. One that is there already
  // (same owner and row) keeps its sequence, time and state. Durable on return,
  // all or none.
  virtual absl::Status Bury(std::span<Tombstone> tombstones) = 0;
  // The same for tombstones that have their sequences, from outside.
  //
  // Errors:
  //   kAlreadyExists  a sequence is taken.
  virtual absl::Status Adopt(std::span<const Tombstone> tombstones) = 0;
  // The highest sequence; 0 before the first.
  virtual absl::StatusOr<std::uint64_t> LastTombstone() const = 0;
  // By sequence, above `after`, at most `limit`.
  virtual absl::StatusOr<std::vector<Tombstone>> TombstonesAfter(
      std::uint64_t after, std::size_t limit) const = 0;
  // The unfinished ones, of one owner or of all, by sequence.
  virtual absl::StatusOr<std::vector<Tombstone>> Unfinished(
      const std::optional<Owner>& owner) const = 0;
  // Whether there is a tombstone of this row of the owner's, finished or not.
  virtual absl::StatusOr<bool> IsBuried(const Owner& owner,
                                        const crypto::KeyId& row) const = 0;
  // Everything that the owner's tombstones up to `sequence` ask for is done.
  virtual absl::Status Finish(const Owner& owner, std::uint64_t sequence) = 0;
  // All tombstones are unfinished again: an older store of values was put back.
  virtual absl::Status Reopen() = 0;

  // What was deleted leaves the files that the engine can rewrite.
  virtual absl::Status Scrub() = 0;

 protected:
  KeyStore() = default;
};

// The rules of InsertBeside, for implementations: `others` are the slots of the
// row's owner and custody.
absl::Status CheckBeside(const SlotRow& row, std::span<const SlotRow> others,
                         std::size_t max_slots);
// What Delete answers for the last one.
absl::Status LastSlot();

}  // namespace limpid::vault

#endif  // LIMPID_VAULT_KEYS_KEY_STORE_H_

// A key store that passes everything on: tests override what they change.

#ifndef LIMPID_TESTS_UNIT_VAULT_FORWARDING_KEY_STORE_H_
#define LIMPID_TESTS_UNIT_VAULT_FORWARDING_KEY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

class ForwardingKeyStore : public KeyStore {
 public:
  // `inner` must outlive it.
  explicit ForwardingKeyStore(KeyStore& inner) : inner_(inner) {}

  absl::Status Insert(const SlotRow& row) override {
    return inner_.Insert(row);
  }
  absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const override {
    return inner_.FindServerSlot(owner, generation);
  }
  absl::Status InsertBeside(const SlotRow& row, std::size_t max) override {
    return inner_.InsertBeside(row, max);
  }
  absl::StatusOr<std::vector<SlotRow>> List(const Owner& owner,
                                            Custody custody) const override {
    return inner_.List(owner, custody);
  }
  absl::Status Delete(const SlotKey& key) override {
    return inner_.Delete(key);
  }
  absl::Status InsertCopyKey(const CopyKeyRow& row) override {
    return inner_.InsertCopyKey(row);
  }
  absl::StatusOr<std::optional<CopyKeyRow>> FindCopyKey(
      const Owner& owner, const RecordKey& record) const override {
    return inner_.FindCopyKey(owner, record);
  }
  absl::Status DestroyCopyKey(const Owner& owner,
                              const RecordKey& record) override {
    return inner_.DestroyCopyKey(owner, record);
  }
  absl::StatusOr<std::vector<RecordKey>> CopyKeyRecords(
      const Owner& owner) const override {
    return inner_.CopyKeyRecords(owner);
  }
  absl::Status DestroyCopyKeys(const Owner& owner,
                               std::span<const RecordKey> records) override {
    return inner_.DestroyCopyKeys(owner, records);
  }
  absl::StatusOr<std::int64_t> DeleteSlotsBelow(const Owner& owner,
                                                Custody custody,
                                                std::uint32_t below) override {
    return inner_.DeleteSlotsBelow(owner, custody, below);
  }
  absl::StatusOr<std::vector<Owner>> OwnersInRotation() const override {
    return inner_.OwnersInRotation();
  }
  absl::StatusOr<std::size_t> Replace(
      std::span<const SlotChange> slots,
      std::span<const CopyKeyChange> copy_keys) override {
    return inner_.Replace(slots, copy_keys);
  }
  absl::StatusOr<std::vector<SlotRow>> SlotsBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const override {
    return inner_.SlotsBelowEpoch(shard, epoch, skip, limit);
  }
  absl::StatusOr<std::vector<CopyKeyRow>> CopyKeysBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const override {
    return inner_.CopyKeysBelowEpoch(shard, epoch, skip, limit);
  }
  absl::StatusOr<std::vector<std::uint16_t>> ShardsBelowEpoch(
      std::uint32_t epoch) const override {
    return inner_.ShardsBelowEpoch(epoch);
  }
  absl::StatusOr<std::int64_t> DestroyCopyKeysOf(std::uint32_t epoch) override {
    return inner_.DestroyCopyKeysOf(epoch);
  }
  absl::StatusOr<std::vector<EpochUse>> EpochUses() const override {
    return inner_.EpochUses();
  }
  absl::Status Bury(std::span<Tombstone> tombstones) override {
    return inner_.Bury(tombstones);
  }
  absl::Status Adopt(std::span<const Tombstone> tombstones) override {
    return inner_.Adopt(tombstones);
  }
  absl::StatusOr<std::uint64_t> LastTombstone() const override {
    return inner_.LastTombstone();
  }
  absl::StatusOr<std::vector<Tombstone>> TombstonesAfter(
      std::uint64_t after, std::size_t limit) const override {
    return inner_.TombstonesAfter(after, limit);
  }
  absl::StatusOr<std::vector<Tombstone>> Unfinished(
      const std::optional<Owner>& owner) const override {
    return inner_.Unfinished(owner);
  }
  absl::StatusOr<bool> IsBuried(const Owner& owner,
                                const crypto::KeyId& row) const override {
    return inner_.IsBuried(owner, row);
  }
  absl::Status Finish(const Owner& owner, std::uint64_t sequence) override {
    return inner_.Finish(owner, sequence);
  }
  absl::Status Reopen() override { return inner_.Reopen(); }
  absl::Status Scrub() override { return inner_.Scrub(); }

 private:
  KeyStore& inner_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_FORWARDING_KEY_STORE_H_

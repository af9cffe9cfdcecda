#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "vault/keys/key_store.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {
namespace {

class MemoryKeyStore final : public KeyStore {
 public:
  absl::Status Insert(const SlotRow& row) override {
    const base::MutexLock lock(mutex_);
    if (IsErased(row.owner)) return ErasedHere();
    const Key key(row.owner, row.custody, row.slot_kind, row.generation,
                  row.slot_id);
    if (!rows_.emplace(key, row).second) {
      return absl::AlreadyExistsError("the slot exists");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const override {
    const base::MutexLock lock(mutex_);
    std::optional<SlotRow> out;
    for (const auto& [key, row] : rows_) {
      if (row.owner != owner || !IsServerSlot(row)) continue;
      // Ascending by generation, so the last match is the newest.
      if (generation == 0 || row.generation == generation) out = row;
    }
    return out;
  }

  absl::Status InsertBeside(const SlotRow& row,
                            std::size_t max_slots) override {
    const base::MutexLock lock(mutex_);
    if (IsErased(row.owner)) return ErasedHere();
    const std::vector<SlotRow> others = Of(row.owner, row.custody);
    LIMPID_RETURN_IF_ERROR(CheckBeside(row, others, max_slots));
    rows_.emplace(
        Key(row.owner, row.custody, row.slot_kind, row.generation, row.slot_id),
        row);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<SlotRow>> List(const Owner& owner,
                                            Custody custody) const override {
    const base::MutexLock lock(mutex_);
    return Of(owner, custody);
  }

  absl::Status Delete(const SlotKey& key) override {
    const base::MutexLock lock(mutex_);
    const auto found = rows_.find(Key(key.owner, key.custody, key.slot_kind,
                                      key.generation, key.slot_id));
    if (found == rows_.end()) return absl::NotFoundError("no such slot");
    if (Of(key.owner, key.custody).size() == 1) return LastSlot();
    rows_.erase(found);
    return absl::OkStatus();
  }

  absl::Status InsertCopyKey(const CopyKeyRow& row) override {
    const base::MutexLock lock(mutex_);
    if (IsErased(row.owner)) return ErasedHere();
    if (!copy_keys_.emplace(std::pair(row.owner, row.record_key), row).second) {
      return absl::AlreadyExistsError("the record has a key");
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::optional<CopyKeyRow>> FindCopyKey(
      const Owner& owner, const RecordKey& record) const override {
    const base::MutexLock lock(mutex_);
    const auto found = copy_keys_.find(std::pair(owner, record));
    return found == copy_keys_.end() ? std::nullopt
                                     : std::optional(found->second);
  }

  absl::Status DestroyCopyKey(const Owner& owner,
                              const RecordKey& record) override {
    const base::MutexLock lock(mutex_);
    copy_keys_.erase(std::pair(owner, record));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<RecordKey>> CopyKeyRecords(
      const Owner& owner) const override {
    const base::MutexLock lock(mutex_);
    std::vector<RecordKey> out;
    for (const auto& [place, row] : copy_keys_) {
      if (place.first == owner) out.push_back(place.second);
    }
    return out;
  }

  absl::Status DestroyCopyKeys(const Owner& owner,
                               std::span<const RecordKey> records) override {
    const base::MutexLock lock(mutex_);
    for (const RecordKey& record : records) {
      copy_keys_.erase(std::pair(owner, record));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::int64_t> DeleteSlotsBelow(const Owner& owner,
                                                Custody custody,
                                                std::uint32_t below) override {
    const base::MutexLock lock(mutex_);
    return static_cast<std::int64_t>(std::erase_if(rows_, [&](const auto& one) {
      const SlotRow& row = one.second;
      return row.owner == owner && row.custody == custody &&
             row.generation < below;
    }));
  }

  absl::StatusOr<std::vector<Owner>> OwnersInRotation() const override {
    const base::MutexLock lock(mutex_);
    std::map<Owner, int> counts;
    for (const auto& [key, row] : rows_) {
      if (IsServerSlot(row)) ++counts[row.owner];
    }
    std::vector<Owner> out;
    for (const auto& [owner, count] : counts) {
      if (count > 1) out.push_back(owner);
    }
    return out;
  }

  absl::StatusOr<std::size_t> Replace(
      std::span<const SlotChange> slots,
      std::span<const CopyKeyChange> copy_keys) override {
    const base::MutexLock lock(mutex_);
    std::size_t replaced = 0;
    for (const auto& [from, to] : slots) {
      const auto found =
          rows_.find(Key(from.owner, from.custody, from.slot_kind,
                         from.generation, from.slot_id));
      if (found == rows_.end() || found->second != from) continue;
      found->second.epoch = to.epoch;
      found->second.outer = to.outer;
      ++replaced;
    }
    for (const auto& [from, to] : copy_keys) {
      const auto found =
          copy_keys_.find(std::pair(from.owner, from.record_key));
      if (found == copy_keys_.end() || found->second != from) continue;
      found->second.epoch = to.epoch;
      found->second.outer = to.outer;
      ++replaced;
    }
    return replaced;
  }

  absl::StatusOr<std::vector<SlotRow>> SlotsBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    std::vector<SlotRow> out;
    for (const auto& [key, row] : rows_) {
      if (row.owner.shard != shard || row.epoch >= epoch) continue;
      if (skip > 0) {
        --skip;
      } else if (out.size() < limit) {
        out.push_back(row);
      }
    }
    return out;
  }

  absl::StatusOr<std::vector<CopyKeyRow>> CopyKeysBelowEpoch(
      std::uint16_t shard, std::uint32_t epoch, std::size_t skip,
      std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    std::vector<CopyKeyRow> out;
    for (const auto& [key, row] : copy_keys_) {
      if (row.owner.shard != shard || row.epoch >= epoch) continue;
      if (skip > 0) {
        --skip;
      } else if (out.size() < limit) {
        out.push_back(row);
      }
    }
    return out;
  }

  absl::StatusOr<std::vector<std::uint16_t>> ShardsBelowEpoch(
      std::uint32_t epoch) const override {
    const base::MutexLock lock(mutex_);
    std::set<std::uint16_t> out;
    for (const auto& [key, row] : rows_) {
      if (row.epoch < epoch) out.insert(row.owner.shard);
    }
    for (const auto& [key, row] : copy_keys_) {
      if (row.epoch < epoch) out.insert(row.owner.shard);
    }
    return std::vector<std::uint16_t>(out.begin(), out.end());
  }

  absl::StatusOr<std::int64_t> DestroyCopyKeysOf(std::uint32_t epoch) override {
    const base::MutexLock lock(mutex_);
    return static_cast<std::int64_t>(std::erase_if(
        copy_keys_,
        [&](const auto& one) { return one.second.epoch == epoch; }));
  }

  absl::StatusOr<std::vector<EpochUse>> EpochUses() const override {
    const base::MutexLock lock(mutex_);
    std::map<std::uint32_t, EpochUse> uses;
    for (const auto& [key, row] : rows_) ++uses[row.epoch].slots;
    for (const auto& [key, row] : copy_keys_) ++uses[row.epoch].copy_keys;
    std::vector<EpochUse> out;
    for (auto& [epoch, use] : uses) {
      use.epoch = epoch;
      out.push_back(use);
    }
    return out;
  }

  absl::Status Bury(std::span<Tombstone> tombstones) override {
    const base::MutexLock lock(mutex_);
    for (Tombstone& tombstone : tombstones) {
      const auto found = Find(tombstone);
      if (found != tombstones_.end()) {
        tombstone = found->second.tombstone;
        continue;
      }
      tombstone.sequence = Last() + 1;
      Add(tombstone);
    }
    return absl::OkStatus();
  }

  absl::Status Adopt(std::span<const Tombstone> tombstones) override {
    const base::MutexLock lock(mutex_);
    for (const Tombstone& tombstone : tombstones) {
      if (tombstones_.contains(tombstone.sequence) ||
          Find(tombstone) != tombstones_.end()) {
        return absl::AlreadyExistsError("the tombstone exists");
      }
    }
    for (const Tombstone& tombstone : tombstones) Add(tombstone);
    return absl::OkStatus();
  }

  absl::StatusOr<std::uint64_t> LastTombstone() const override {
    const base::MutexLock lock(mutex_);
    return Last();
  }

  absl::StatusOr<std::vector<Tombstone>> TombstonesAfter(
      std::uint64_t after, std::size_t limit) const override {
    const base::MutexLock lock(mutex_);
    std::vector<Tombstone> out;
    for (auto item = tombstones_.upper_bound(after);
         item != tombstones_.end() && out.size() < limit; ++item) {
      out.push_back(item->second.tombstone);
    }
    return out;
  }

  absl::StatusOr<std::vector<Tombstone>> Unfinished(
      const std::optional<Owner>& owner) const override {
    const base::MutexLock lock(mutex_);
    std::vector<Tombstone> out;
    for (const auto& [sequence, stored] : tombstones_) {
      if (stored.done || (owner && stored.tombstone.owner != *owner)) continue;
      out.push_back(stored.tombstone);
    }
    return out;
  }

  absl::StatusOr<bool> IsBuried(const Owner& owner,
                                const crypto::KeyId& row) const override {
    const base::MutexLock lock(mutex_);
    Tombstone sought;
    sought.owner = owner;
    sought.row = row;
    return Find(sought) != tombstones_.end();
  }

  absl::Status Finish(const Owner& owner, std::uint64_t sequence) override {
    const base::MutexLock lock(mutex_);
    for (auto& [number, stored] : tombstones_) {
      if (number <= sequence && stored.tombstone.owner == owner) {
        stored.done = true;
      }
    }
    return absl::OkStatus();
  }

  absl::Status Reopen() override {
    const base::MutexLock lock(mutex_);
    for (auto& [number, stored] : tombstones_) stored.done = false;
    return absl::OkStatus();
  }

  absl::Status Scrub() override { return absl::OkStatus(); }

 private:
  using Key =
      std::tuple<Owner, Custody, SlotKind, std::uint32_t, base::ByteArray<16>>;
  struct Stored {
    Tombstone tombstone;
    bool done = false;
  };
  using Stones = std::map<std::uint64_t, Stored>;

  static absl::Status ErasedHere() {
    return absl::FailedPreconditionError("this person was erased here");
  }
  [[nodiscard]] std::vector<SlotRow> Of(const Owner& owner,
                                        Custody custody) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    std::vector<SlotRow> out;
    for (const auto& [key, row] : rows_) {
      if (row.owner == owner && row.custody == custody) {
        out.push_back(row);
      }
    }
    const auto order = [](const SlotRow& row) {
      return std::tie(row.generation, row.slot_kind, row.slot_id);
    };
    std::sort(out.begin(), out.end(),
              [&](const SlotRow& left, const SlotRow& right) {
                return order(left) < order(right);
              });
    return out;
  }
  static bool IsServerSlot(const SlotRow& row) {
    return row.custody == Custody::kAssisted &&
           row.slot_kind == SlotKind::kServer;
  }
  [[nodiscard]] std::uint64_t Last() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return tombstones_.empty() ? 0 : tombstones_.rbegin()->first;
  }
  [[nodiscard]] Stones::const_iterator Find(const Tombstone& tombstone) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return std::find_if(
        tombstones_.begin(), tombstones_.end(), [&](const auto& one) {
          const Tombstone& stored = one.second.tombstone;
          return stored.owner == tombstone.owner && stored.row == tombstone.row;
        });
  }
  [[nodiscard]] bool IsErased(const Owner& owner) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    Tombstone person;
    person.owner = owner;
    return Find(person) != tombstones_.end();
  }
  void Add(const Tombstone& tombstone) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    tombstones_[tombstone.sequence] = {tombstone, false};
    if (tombstone.kind != TombstoneKind::kPerson) return;
    std::erase_if(rows_, [&](const auto& one) {
      return one.second.owner == tombstone.owner;
    });
    std::erase_if(copy_keys_, [&](const auto& one) {
      return one.second.owner == tombstone.owner;
    });
  }

  mutable base::Mutex mutex_;
  std::map<Key, SlotRow> rows_ ABSL_GUARDED_BY(mutex_);
  std::map<std::pair<Owner, RecordKey>, CopyKeyRow> copy_keys_
      ABSL_GUARDED_BY(mutex_);
  Stones tombstones_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<KeyStore> NewMemoryKeyStore() {
  return std::make_unique<MemoryKeyStore>();
}

}  // namespace limpid::vault

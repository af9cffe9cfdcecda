// Stores that die at a chosen write, before or after it took hold, and stay
// dead until the next start: a kill, as the code above them sees it.

#ifndef LIMPID_TESTS_UNIT_VAULT_FAULTY_STORES_H_
#define LIMPID_TESTS_UNIT_VAULT_FAULTY_STORES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "common/base/status_macros.h"
#include "tests/unit/vault/forwarding_key_store.h"
#include "tests/unit/vault/forwarding_vault_store.h"
#include "vault/attribute/vault_store.h"
#include "vault/erasure/tombstone_file.h"
#include "vault/keys/key_store.h"

namespace limpid::vault {

// One for all stores of a process. Counts writes from 1.
struct Faults {
  int die_at = 0;
  bool after = false;
  // Unless OK: what that write says instead, and nothing dies.
  absl::Status refusal;
  // Unless OK: what the next write of values says once it has run; it is
  // undone.
  absl::Status undone;
  // Runs before each write, outside of it.
  std::function<void(int)> before_write;
  // Some tests write from several threads.
  std::atomic<int> writes = 0;
  std::atomic<bool> dead = false;

  absl::Status Step(absl::FunctionRef<absl::Status()> write) {
    if (dead) return absl::UnavailableError("killed");
    const int now = ++writes;
    if (before_write) {
      // What it does is not counted and does not come back here.
      const auto hook = std::exchange(before_write, nullptr);
      hook(now);
      writes = now;
      before_write = hook;
    }
    if (now != die_at) return write();
    if (!refusal.ok()) return refusal;
    dead = true;
    if (after) (void)write();
    return absl::UnavailableError("killed");
  }
};

class FaultyKeyStore final : public ForwardingKeyStore {
 public:
  FaultyKeyStore(KeyStore& inner, Faults& faults)
      : ForwardingKeyStore(inner), faults_(faults) {}

  absl::Status Insert(const SlotRow& row) override {
    return faults_.Step([&] { return ForwardingKeyStore::Insert(row); });
  }
  absl::Status InsertBeside(const SlotRow& row, std::size_t max) override {
    return faults_.Step(
        [&] { return ForwardingKeyStore::InsertBeside(row, max); });
  }
  absl::Status Delete(const SlotKey& key) override {
    return faults_.Step([&] { return ForwardingKeyStore::Delete(key); });
  }
  absl::Status InsertCopyKey(const CopyKeyRow& row) override {
    return faults_.Step([&] { return ForwardingKeyStore::InsertCopyKey(row); });
  }
  absl::Status DestroyCopyKey(const Owner& owner,
                              const RecordKey& record) override {
    return faults_.Step(
        [&] { return ForwardingKeyStore::DestroyCopyKey(owner, record); });
  }
  absl::Status DestroyCopyKeys(const Owner& owner,
                               std::span<const RecordKey> records) override {
    return faults_.Step(
        [&] { return ForwardingKeyStore::DestroyCopyKeys(owner, records); });
  }
  absl::StatusOr<std::int64_t> DeleteSlotsBelow(const Owner& owner,
                                                Custody custody,
                                                std::uint32_t below) override {
    std::int64_t out = 0;
    const absl::Status status = faults_.Step([&] {
      const auto deleted =
          ForwardingKeyStore::DeleteSlotsBelow(owner, custody, below);
      if (deleted.ok()) out = *deleted;
      return deleted.status();
    });
    if (!status.ok()) return status;
    return out;
  }
  absl::StatusOr<std::size_t> Replace(
      std::span<const SlotChange> slots,
      std::span<const CopyKeyChange> copy_keys) override {
    std::size_t out = 0;
    const absl::Status status = faults_.Step([&] {
      const auto replaced = ForwardingKeyStore::Replace(slots, copy_keys);
      if (replaced.ok()) out = *replaced;
      return replaced.status();
    });
    if (!status.ok()) return status;
    return out;
  }
  absl::StatusOr<std::int64_t> DestroyCopyKeysOf(std::uint32_t epoch) override {
    std::int64_t out = 0;
    const absl::Status status = faults_.Step([&] {
      const auto deleted = ForwardingKeyStore::DestroyCopyKeysOf(epoch);
      if (deleted.ok()) out = *deleted;
      return deleted.status();
    });
    if (!status.ok()) return status;
    return out;
  }
  absl::Status Bury(std::span<Tombstone> tombstones) override {
    return faults_.Step([&] { return ForwardingKeyStore::Bury(tombstones); });
  }
  absl::Status Adopt(std::span<const Tombstone> tombstones) override {
    return faults_.Step([&] { return ForwardingKeyStore::Adopt(tombstones); });
  }
  absl::Status Finish(const Owner& owner, std::uint64_t sequence) override {
    return faults_.Step(
        [&] { return ForwardingKeyStore::Finish(owner, sequence); });
  }
  absl::Status Reopen() override {
    return faults_.Step([&] { return ForwardingKeyStore::Reopen(); });
  }
  absl::Status Scrub() override {
    return faults_.Step([&] { return ForwardingKeyStore::Scrub(); });
  }

 private:
  Faults& faults_;
};

class FaultyVaultStore final : public ForwardingVaultStore {
 public:
  FaultyVaultStore(VaultStore& inner, Faults& faults)
      : ForwardingVaultStore(inner), faults_(faults) {}

  absl::Status Write(
      absl::FunctionRef<absl::Status(VaultTransaction&)> work) override {
    return faults_.Step([&] {
      return ForwardingVaultStore::Write(
          [&](VaultTransaction& transaction) -> absl::Status {
            LIMPID_RETURN_IF_ERROR(work(transaction));
            return std::exchange(faults_.undone, absl::OkStatus());
          });
    });
  }
  absl::Status Scrub() override {
    return faults_.Step([&] { return ForwardingVaultStore::Scrub(); });
  }

 private:
  Faults& faults_;
};

class FaultyTombstones final : public TombstoneFile {
 public:
  FaultyTombstones(TombstoneFile& inner, Faults& faults)
      : inner_(inner), faults_(faults) {}

  [[nodiscard]] std::uint64_t last() const override { return inner_.last(); }
  [[nodiscard]] bool fresh() const override { return inner_.fresh(); }
  absl::Status Settle() override {
    return faults_.Step([&] { return inner_.Settle(); });
  }
  [[nodiscard]] std::vector<Tombstone> After(
      std::uint64_t after) const override {
    return inner_.After(after);
  }
  absl::Status Append(std::span<const Tombstone> tombstones) override {
    return faults_.Step([&] { return inner_.Append(tombstones); });
  }

 private:
  TombstoneFile& inner_;
  Faults& faults_;
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_FAULTY_STORES_H_

// A key store that passes everything on to one in memory, for tests that change
// one thing of it.

#ifndef LIMPID_TESTS_UNIT_VAULT_PASSING_STORE_H_
#define LIMPID_TESTS_UNIT_VAULT_PASSING_STORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "vault/keys/key_store.h"
#include "vault/store/memory_store.h"

namespace limpid::vault {

class PassingStore : public KeyStore {
 public:
  absl::Status Insert(const SlotRow& row) override {
    return inner_->Insert(row);
  }
  absl::StatusOr<std::optional<SlotRow>> FindServerSlot(
      const Owner& owner, std::uint32_t generation) const override {
    return inner_->FindServerSlot(owner, generation);
  }
  absl::Status InsertBeside(const SlotRow& row, std::size_t max) override {
    return inner_->InsertBeside(row, max);
  }
  absl::StatusOr<std::vector<SlotRow>> List(const Owner& owner,
                                            Custody custody) const override {
    return inner_->List(owner, custody);
  }
  absl::Status Delete(const SlotKey& key) override {
    return inner_->Delete(key);
  }
  absl::Status InsertCopyKey(const CopyKeyRow& row) override {
    return inner_->InsertCopyKey(row);
  }
  absl::StatusOr<std::optional<CopyKeyRow>> FindCopyKey(
      const Owner& owner, const RecordKey& record) const override {
    return inner_->FindCopyKey(owner, record);
  }
  absl::Status DestroyCopyKey(const Owner& owner,
                              const RecordKey& record) override {
    return inner_->DestroyCopyKey(owner, record);
  }

 private:
  std::unique_ptr<KeyStore> inner_ = NewMemoryKeyStore();
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_UNIT_VAULT_PASSING_STORE_H_

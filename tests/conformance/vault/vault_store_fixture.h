// The vocabulary of the vault::VaultStore conformance cases.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_VAULT_STORE_FIXTURE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_VAULT_STORE_FIXTURE_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/store_harness.h"
#include "vault/attribute/vault_store.h"

namespace limpid::vault {

// Sixteen times `byte`.
inline base::ByteArray<16> Sixteen(std::uint8_t byte) {
  base::ByteArray<16> out{};
  out.fill(byte);
  return out;
}

class VaultStoreConformance
    : public ::testing::TestWithParam<Implementation<VaultStore>> {
 protected:
  void SetUp() override {
    if (!GetParam().absent.empty()) GTEST_SKIP() << GetParam().absent;
    harness_ = GetParam().make();
  }
  VaultStore& store() { return harness_->store(); }
  void Step() { harness_->Step(); }

  static AttributeRow Row(const Owner& owner, std::uint8_t name,
                          std::uint64_t version) {
    AttributeRow row;
    row.owner = owner;
    row.id = Sixteen(static_cast<std::uint8_t>(version + 100));
    row.name_key = Sixteen(name);
    row.version = version;
    row.schema_version = 3;
    row.request_key = Sixteen(name);
    row.request_key[0] = static_cast<std::uint8_t>(version);
    row.generation = 2;
    row.put_ms = 1'795'176'000'123;
    row.label = {0, 1, 0};
    row.wrap = {0};
    row.payload = {0, 255, 0, 10};
    return row;
  }
  // Without what a list does not need.
  static AttributeRow OutlineOf(AttributeRow row) {
    row.wrap.clear();
    row.payload.clear();
    return row;
  }
  absl::Status Insert(const AttributeRow& row) {
    return store().Write(
        [&](VaultTransaction& transaction) { return transaction.Insert(row); });
  }
  absl::Status Erase(const AttributeRow& row, std::int64_t when) {
    return store().Write([&](VaultTransaction& transaction) {
      return transaction.Erase(row.owner, row.name_key, row.version, when);
    });
  }
  static ActRow Act(std::uint64_t counter, const Owner& owner) {
    ActRow row;
    row.counter = counter;
    row.owner = owner;
    row.name_key = Sixteen(9);
    row.version = counter;
    row.kind = ActKind::kPut;
    row.generation = 1;
    row.time_ms = 77;
    row.commitment.fill(static_cast<std::uint8_t>(counter));
    row.head.fill(static_cast<std::uint8_t>(counter + 1));
    row.sealed_disclosure = {0, 0, 1};
    return row;
  }
  absl::Status Append(const ActRow& row) {
    return store().Write([&](VaultTransaction& transaction) {
      return transaction.AppendAct(row);
    });
  }

  std::unique_ptr<StoreHarness<VaultStore>> harness_;
  const Owner anna_{4095, HolderId(Sixteen(1))};
  const Owner bela_{0, HolderId(Sixteen(2))};
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_VAULT_STORE_FIXTURE_H_

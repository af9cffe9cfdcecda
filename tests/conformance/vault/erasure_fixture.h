// The vocabulary of the conformance cases of erasing and rotating.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_ERASURE_FIXTURE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_ERASURE_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "vault/erasure/erasure_store.h"

namespace limpid::vault {

class ErasureConformance : public VaultStoreConformance {
 protected:
  template <typename Function>
  auto Read(Function function) {
    decltype(function(std::declval<const ErasureReads&>())) out =
        absl::UnknownError("");
    const absl::Status read =
        store().ReadErasure([&](const ErasureReads& reads) {
          out = function(reads);
          return out.status();
        });
    EXPECT_EQ(read.ok(), out.ok());
    return out;
  }
  absl::Status Change(
      const std::function<absl::Status(ErasureTransaction&)>& work) {
    return store().Write([&](VaultTransaction& transaction) {
      return work(transaction.erasure());
    });
  }
  static AttributeRow Light(AttributeRow row) {
    row.payload.clear();
    return row;
  }
  // With an id of its own.
  static AttributeRow RowOf(const Owner& owner, std::uint8_t name,
                            std::uint64_t version, std::uint32_t generation) {
    AttributeRow row = Row(owner, name, version);
    row.id[0] = name;
    row.generation = generation;
    return row;
  }
  static HoldRow HoldOf(const Owner& owner, std::uint8_t id,
                        std::int64_t placed) {
    return {Sixteen(id), owner, placed, 0, {0, 1, 0}};
  }
};

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_ERASURE_FIXTURE_H_

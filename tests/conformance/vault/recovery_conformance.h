// What every vault::VaultStore must do with the rows of recoveries.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_RECOVERY_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_RECOVERY_CONFORMANCE_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/recovery/recovery_row.h"

namespace limpid::vault {

class RecoveryConformance : public VaultStoreConformance {
 protected:
  static RecoveryRow RecoveryOf(const Owner& owner, std::uint8_t slot) {
    RecoveryRow row;
    row.owner = owner;
    row.slot_id = Sixteen(slot);
    row.number = 1;
    row.start_ms = 1'795'176'000'123;
    row.open_ms = 1'795'176'000'124;
    row.close_ms = 1'795'176'000'125;
    return row;
  }
  absl::Status PutRecovery(const RecoveryRow& row) {
    return store().Write([&](VaultTransaction& transaction) {
      return transaction.PutRecovery(row);
    });
  }
  std::vector<RecoveryRow> Recoveries(const Owner& owner) {
    const auto rows = store().Recoveries(owner);
    EXPECT_THAT(rows, testing::IsOk());
    return rows.value_or(std::vector<RecoveryRow>());
  }
};

TEST_P(RecoveryConformance, ARowComesBackAndIsReplaced) {
  EXPECT_TRUE(Recoveries(anna_).empty());
  RecoveryRow row = RecoveryOf(anna_, 200);
  ASSERT_THAT(PutRecovery(row), testing::IsOk());
  Step();
  EXPECT_EQ(Recoveries(anna_), std::vector{row});
  row.number = std::numeric_limits<std::int64_t>::max();
  row.state = RecoveryState::kCancelled;
  row.start_ms = -1;
  row.open_ms = 0;
  row.close_ms = std::numeric_limits<std::int64_t>::max();
  row.end_ms = 5;
  row.handed_out_ms = 4;
  row.cancels = std::numeric_limits<std::uint32_t>::max();
  ASSERT_THAT(PutRecovery(row), testing::IsOk());
  Step();
  EXPECT_EQ(Recoveries(anna_), std::vector{row});
}

TEST_P(RecoveryConformance, RowsAreBySlotAndOfOneOwner) {
  const RecoveryRow later = RecoveryOf(anna_, 200);
  const RecoveryRow sooner = RecoveryOf(anna_, 3);
  const RecoveryRow bela = RecoveryOf(bela_, 3);
  for (const RecoveryRow& row : {later, bela, sooner}) {
    ASSERT_THAT(PutRecovery(row), testing::IsOk());
  }
  Step();
  EXPECT_EQ(Recoveries(anna_), (std::vector{sooner, later}));
  EXPECT_EQ(Recoveries(bela_), std::vector{bela});
  EXPECT_TRUE(Recoveries({4094, anna_.id}).empty());
}

TEST_P(RecoveryConformance, ATransactionSeesItsOwnAndLeavesNothingWhenItFails) {
  const RecoveryRow row = RecoveryOf(anna_, 3);
  const absl::Status failed =
      store().Write([&](VaultTransaction& transaction) -> absl::Status {
        EXPECT_THAT(transaction.PutRecovery(row), testing::IsOk());
        EXPECT_EQ(transaction.Recoveries(anna_)->size(), 1);
        return absl::AbortedError("no");
      });
  EXPECT_THAT(failed, testing::StatusIs(absl::StatusCode::kAborted));
  Step();
  EXPECT_TRUE(Recoveries(anna_).empty());
}

TEST_P(RecoveryConformance, AnErasedPersonHasNone) {
  const RecoveryRow bela = RecoveryOf(bela_, 3);
  for (const RecoveryRow& row :
       {RecoveryOf(anna_, 3), RecoveryOf(anna_, 4), bela}) {
    ASSERT_THAT(PutRecovery(row), testing::IsOk());
  }
  ASSERT_THAT(store().Write([&](VaultTransaction& transaction) {
    return transaction.erasure().ForgetPerson(anna_).status();
  }),
              testing::IsOk());
  Step();
  EXPECT_TRUE(Recoveries(anna_).empty());
  EXPECT_EQ(Recoveries(bela_), std::vector{bela});
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_RECOVERY_CONFORMANCE_H_

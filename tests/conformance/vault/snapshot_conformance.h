// Reads of a vault::VaultStore that belong together.

#ifndef LIMPID_TESTS_CONFORMANCE_VAULT_SNAPSHOT_CONFORMANCE_H_
#define LIMPID_TESTS_CONFORMANCE_VAULT_SNAPSHOT_CONFORMANCE_H_

#include <thread>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "tests/conformance/vault/vault_store_fixture.h"
#include "tests/testing/status_matchers.h"
#include "vault/attribute/vault_store.h"

namespace limpid::vault {

TEST_P(VaultStoreConformance, ASnapshotDoesNotSeeWhatIsWrittenMeanwhile) {
  const AttributeRow first = Row(anna_, 5, 1);
  ASSERT_THAT(Insert(first), testing::IsOk());
  Step();
  absl::Notification written;
  std::thread writer;
  const absl::Status read =
      store().Snapshot([&](const VaultReads& reads) -> absl::Status {
        EXPECT_EQ(*reads.HighestVersion(anna_, first.name_key), 1);
        writer = std::thread([&] {
          EXPECT_THAT(Insert(Row(anna_, 5, 2)), testing::IsOk());
          written.Notify();
        });
        // A store may as well let the writer wait.
        (void)written.WaitForNotificationWithTimeout(absl::Milliseconds(200));
        EXPECT_EQ(*reads.HighestVersion(anna_, first.name_key), 1);
        EXPECT_EQ(reads.Newest(anna_, {&first.name_key, 1})->front(), first);
        return absl::CancelledError("of the work");
      });
  writer.join();
  EXPECT_THAT(read, testing::StatusIs(absl::StatusCode::kCancelled));
  EXPECT_EQ(*store().HighestVersion(anna_, first.name_key), 2);
}

}  // namespace limpid::vault

#endif  // LIMPID_TESTS_CONFORMANCE_VAULT_SNAPSHOT_CONFORMANCE_H_

// Full disks, failing disks and power cuts under the database: what was
// acknowledged is there afterwards, what was refused was not acknowledged.

#include <cstdint>
#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/bytes.h"
#include "common/storage/database.h"
#include "gtest/gtest.h"
#include "tests/integration/storage/fault_vfs.h"
#include "tests/integration/storage/fixture.h"
#include "tests/testing/status_matchers.h"

namespace limpid::storage {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

// Six pages a row, so that a transaction is several writes.
constexpr std::size_t kPayloadBytes = 24'000;
constexpr int kRows = 5;

class BadDays : public StorageFixture {
 protected:
  // The database goes before the disk below it.
  void TearDown() override { Close(); }

  // Writes rows one by one; remembers which were acknowledged.
  void WriteRows() {
    for (int at = 0; at < kRows; ++at) {
      const std::string id = absl::StrCat("row", next_++);
      const absl::Status status = Put(id, at, base::Bytes(kPayloadBytes, 1));
      if (status.ok()) acknowledged_.insert(id);
      last_ = status;
    }
  }
  void ExpectAllAcknowledged() {
    for (const std::string& id : acknowledged_) {
      const auto item = Get(id);
      ASSERT_THAT(item, IsOk()) << id;
      EXPECT_EQ(item->payload.size(), kPayloadBytes) << id;
    }
    EXPECT_THAT(database().CheckIntegrity(), IsOk());
  }
  // Twice the same story, for every place where the fault can strike.
  template <typename Story>
  void AtEveryPlace(Fault fault, Story story) {
    int place = 1;
    for (; place < 200; ++place) {
      std::filesystem::remove(path());
      acknowledged_.clear();
      CreateIt();
      ASSERT_THAT(Put("first", 1, base::Bytes(kPayloadBytes, 1)), IsOk());
      acknowledged_.insert("first");
      vfs_.Arm(fault, place);
      WriteRows();
      const bool happened = vfs_.happened();
      story();
      Close();
      if (!happened) break;
    }
    // Otherwise the fault never struck, or the story never ended.
    EXPECT_GT(place, kRows);
    EXPECT_LT(place, 200);
  }

  FaultVfs vfs_;
  std::set<std::string> acknowledged_;
  absl::Status last_;
  int next_ = 0;
};

TEST_F(BadDays, AFullDiskRefusesAndWorksAgainWhenThereIsSpace) {
  AtEveryPlace(Fault::kFullDisk, [this] {
    if (vfs_.happened()) {
      EXPECT_THAT(last_, StatusIs(absl::StatusCode::kResourceExhausted));
    }
    ExpectAllAcknowledged();
    vfs_.Disarm();
    const std::size_t before = acknowledged_.size();
    WriteRows();
    EXPECT_EQ(acknowledged_.size(), before + kRows);
    ExpectAllAcknowledged();
    Reopen();
    ExpectAllAcknowledged();
    EXPECT_EQ(Count(), static_cast<std::int64_t>(acknowledged_.size()));
  });
}

TEST_F(BadDays, AFailedSyncStopsAllWritesUntilReopenedAndLosesNothing) {
  AtEveryPlace(Fault::kSyncError, [this] {
    if (vfs_.happened()) {
      EXPECT_THAT(Put("more", 1, {}), StatusIs(absl::StatusCode::kUnavailable));
    }
    ExpectAllAcknowledged();
    vfs_.Disarm();
    Reopen();
    ExpectAllAcknowledged();
    WriteRows();
    ExpectAllAcknowledged();
  });
}

TEST_F(BadDays, AFailedWriteStopsAllWritesUntilReopenedAndLosesNothing) {
  AtEveryPlace(Fault::kWriteError, [this] {
    if (vfs_.happened()) {
      EXPECT_THAT(Put("more", 1, {}), StatusIs(absl::StatusCode::kUnavailable));
    }
    vfs_.Disarm();
    Reopen();
    ExpectAllAcknowledged();
  });
}

TEST_F(BadDays, APowerCutLosesNothingThatWasAcknowledged) {
  CreateIt();
  for (int round = 0; round < 10; ++round) {
    vfs_.WatchSyncs(path().parent_path());
    WriteRows();
    ASSERT_THAT(last_, IsOk());
    if (round % 3 == 2) {
      ASSERT_THAT(database().Checkpoint(), IsOk());
    }
    WriteRows();
    // A child would be killed here; closing writes more, but what it writes
    // after the cut is thrown away with everything else unsynced.
    vfs_.Freeze();
    Close();
    vfs_.CutPower();
    OpenIt(MakeOptions());
    ExpectAllAcknowledged();
  }
}

}  // namespace
}  // namespace limpid::storage

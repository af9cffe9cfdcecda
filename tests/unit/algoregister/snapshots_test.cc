#include "algoregister/bridge/snapshots.h"

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "algoregister/registration/content.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

json::Value Dataset() {
  json::Value content = NewContent(RegistrationKind::kDataset);
  SetField(content, "title", GivenText("en", "Traffic"));
  content.Set("reason", "first");
  return content;
}

TEST(DatasetSnapshots, OpenThenSealed) {
  const SnapshotId one = SnapshotId::Random();
  const SnapshotId two = SnapshotId::Random();
  auto content = WithSnapshot(Dataset(), one, "2026-11", kNow);
  ASSERT_THAT(content, IsOk());
  content = WithSnapshot(*content, two, "2026-12", kNow);
  ASSERT_THAT(content, IsOk());
  EXPECT_THAT(ValidateContent(*content), IsOk());
  content = WithSealedSnapshot(*content, one, kNow + absl::Hours(1));
  ASSERT_THAT(content, IsOk());
  EXPECT_THAT(ValidateContent(*content), IsOk());
  const auto all = SnapshotsOf(*content);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, one);
  EXPECT_EQ(all[0].state, SnapshotState::kSealed);
  EXPECT_EQ(all[1].state, SnapshotState::kOpen);
}

TEST(DatasetSnapshots, RefusesWhatIsNotThere) {
  const SnapshotId id = SnapshotId::Random();
  EXPECT_THAT(WithSealedSnapshot(Dataset(), id, kNow),
              StatusIs(absl::StatusCode::kNotFound));
  auto content = WithSnapshot(Dataset(), id, "x", kNow);
  content = WithSealedSnapshot(*content, id, kNow);
  EXPECT_THAT(WithSealedSnapshot(*content, id, kNow),
              StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(
      WithSnapshot(NewContent(RegistrationKind::kSystem), id, "x", kNow),
      StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(DatasetSnapshots, AnEmptyNameBreaksTheContent) {
  const auto content = WithSnapshot(Dataset(), SnapshotId::Random(), "", kNow);
  EXPECT_THAT(ValidateContent(*content),
              testing::StatusSays(absl::StatusCode::kInvalidArgument,
                                  "/fields/snapshots/value/0/name"));
}

}  // namespace
}  // namespace limpid::algoregister

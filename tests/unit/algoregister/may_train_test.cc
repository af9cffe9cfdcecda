// What consent asks before it lets a read name a system and a snapshot.

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "algoregister/bridge/snapshots.h"
#include "algoregister/registration/content.h"
#include "algoregister/registration/register.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;

class MayTrainTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dataset_ = MakeDataset();
    snapshot_ = Open(dataset_);
    system_ = MakeSystem(Uses(dataset_, "train"));
  }
  RegistrationId MakeDataset() {
    json::Value content = NewContent(RegistrationKind::kDataset);
    SetField(content, "title", GivenText("en", "Households"));
    content.Remove("kind");
    return Publish(
        house_.target.PrepareNew(author_, RegistrationKind::kDataset, content));
  }
  RegistrationId MakeSystem(json::Value uses) {
    json::Value content = SystemRequest("Adviser");
    SetField(content, "dataset_uses", Given(std::move(uses)));
    return Publish(
        house_.target.PrepareNew(author_, RegistrationKind::kSystem, content));
  }
  SnapshotId Open(const RegistrationId& dataset) {
    const SnapshotId id = SnapshotId::Random();
    Publish(house_.target.PrepareSnapshot(author_, dataset, id, "2026-11"));
    return id;
  }
  RegistrationId Publish(const absl::StatusOr<Draft>& draft) {
    EXPECT_THAT(draft, IsOk());
    const auto version = house_.Publish(*draft);
    EXPECT_THAT(version, IsOk());
    return version->registration;
  }
  static json::Value Uses(const RegistrationId& dataset, std::string_view use,
                          const SnapshotId& snapshot = {}) {
    json::Value one = json::Value::Object(
        {{"dataset", json::Value(dataset.Text())}, {"use", json::Value(use)}});
    if (!snapshot.none()) one.Set("snapshot", snapshot.Text());
    json::Value out = json::Value::Array();
    out.Append(std::move(one));
    return out;
  }
  bool May(const RegistrationId& system, const SnapshotId& snapshot) {
    const auto may = house_.target.MayTrain(system, snapshot);
    EXPECT_THAT(may, IsOk());
    return may.value_or(false);
  }

  RegisterHouse house_;
  const Author author_ = house_.By(house_.publisher);
  RegistrationId dataset_;
  SnapshotId snapshot_;
  RegistrationId system_;
};

TEST_F(MayTrainTest, OnAnOpenSnapshotOfADatasetThatTheSystemTrainsOn) {
  EXPECT_TRUE(May(system_, snapshot_));
  EXPECT_FALSE(May(system_, SnapshotId::Random()));
  EXPECT_FALSE(May(system_, SnapshotId()));
  EXPECT_FALSE(May(dataset_, snapshot_));
}

TEST_F(MayTrainTest, NotOnASealedOne) {
  Publish(house_.target.PrepareSeal(author_, dataset_, snapshot_));
  EXPECT_FALSE(May(system_, snapshot_));
}

TEST_F(MayTrainTest, NotOnADatasetOfAnotherSystem) {
  const RegistrationId other = MakeDataset();
  EXPECT_FALSE(May(system_, Open(other)));
  EXPECT_FALSE(May(MakeSystem(Uses(other, "train")), snapshot_));
  // One that says nothing of datasets.
  const RegistrationId silent = Publish(house_.target.PrepareNew(
      author_, RegistrationKind::kSystem, SystemRequest("Silent")));
  EXPECT_FALSE(May(silent, snapshot_));
}

TEST_F(MayTrainTest, NotAfterARetirement) {
  const RegistrationId other = MakeSystem(Uses(dataset_, "train"));
  Publish(house_.target.PrepareRetirement(author_, other));
  EXPECT_FALSE(May(other, snapshot_));
  EXPECT_TRUE(May(system_, snapshot_));
  Publish(house_.target.PrepareRetirement(author_, dataset_));
  EXPECT_FALSE(May(system_, snapshot_));
}

TEST_F(MayTrainTest, OnlyForAUseThatIsTraining) {
  for (const std::string_view use :
       {"train", "fine_tune", "validate", "test"}) {
    EXPECT_TRUE(May(MakeSystem(Uses(dataset_, use)), snapshot_)) << use;
  }
  for (const std::string_view use : {"retrieve", "operate", "evaluate"}) {
    EXPECT_FALSE(May(MakeSystem(Uses(dataset_, use)), snapshot_)) << use;
  }
}

TEST_F(MayTrainTest, AUseThatNamesASnapshotMeansThatOneAlone) {
  const SnapshotId later = Open(dataset_);
  const RegistrationId bound = MakeSystem(Uses(dataset_, "train", snapshot_));
  EXPECT_TRUE(May(bound, snapshot_));
  EXPECT_FALSE(May(bound, later));
  EXPECT_TRUE(May(system_, later));
}

}  // namespace
}  // namespace limpid::algoregister

// What consent remembers of what the register says.

#include "server/adapters/system_directory.h"

#include "algoregister/bridge/snapshots.h"
#include "algoregister/registration/content.h"
#include "consent/ids.h"
#include "gtest/gtest.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::server {
namespace {

using algoregister::Draft;
using algoregister::RegistrationId;
using algoregister::RegistrationKind;
using testing::IsOk;

class SystemDirectoryTest : public ::testing::Test {
 protected:
  SystemDirectoryTest() {
    json::Value content = algoregister::NewContent(RegistrationKind::kDataset);
    algoregister::SetField(content, "title",
                           algoregister::GivenText("en", "Households"));
    content.Remove("kind");
    dataset_ = Publish(
        house_.target.PrepareNew(author_, RegistrationKind::kDataset, content));
    json::Value use =
        json::Value::Object({{"dataset", json::Value(dataset_.Text())},
                             {"use", json::Value("train")}});
    json::Value uses = json::Value::Array();
    uses.Append(std::move(use));
    json::Value system = algoregister::SystemRequest("Adviser");
    algoregister::SetField(system, "dataset_uses",
                           algoregister::Given(std::move(uses)));
    system_ = Publish(
        house_.target.PrepareNew(author_, RegistrationKind::kSystem, system));
  }
  RegistrationId Publish(const absl::StatusOr<Draft>& draft) {
    EXPECT_THAT(draft, IsOk());
    const auto version = house_.Publish(*draft);
    EXPECT_THAT(version, IsOk());
    return version->registration;
  }
  bool May() {
    return directory_.MayTrain(consent::SystemId(system_.bytes),
                               consent::SnapshotId(snapshot_.bytes()));
  }

  algoregister::RegisterHouse house_;
  const algoregister::Author author_ = house_.By(house_.publisher);
  RegistrationId dataset_;
  RegistrationId system_;
  const algoregister::SnapshotId snapshot_ = algoregister::SnapshotId::Random();
  RegisterSystemDirectory directory_{house_.target, house_.clock};
};

TEST_F(SystemDirectoryTest, ANoIsRememberedForAMomentToo) {
  EXPECT_FALSE(May());
  Publish(house_.target.PrepareSnapshot(author_, dataset_, snapshot_, "2026"));
  // Asked again at once, the register is not read.
  EXPECT_FALSE(May());
  house_.clock.Advance(RegisterSystemDirectory::kRememberNo);
  EXPECT_TRUE(May());
}

TEST_F(SystemDirectoryTest, AYesIsForgottenInTime) {
  Publish(house_.target.PrepareSnapshot(author_, dataset_, snapshot_, "2026"));
  EXPECT_TRUE(May());
  Publish(house_.target.PrepareSeal(author_, dataset_, snapshot_));
  house_.clock.Advance(RegisterSystemDirectory::kRemember);
  EXPECT_FALSE(May());
}

TEST_F(SystemDirectoryTest, MadeUpNamesPushOutNoYes) {
  Publish(house_.target.PrepareSnapshot(author_, dataset_, snapshot_, "2026"));
  EXPECT_TRUE(May());
  Publish(house_.target.PrepareSeal(author_, dataset_, snapshot_));
  for (int i = 0; i < 10'001; ++i) {
    EXPECT_FALSE(directory_.MayTrain(consent::SystemId::Random(),
                                     consent::SnapshotId::Random()));
  }
  EXPECT_TRUE(May());
}

}  // namespace
}  // namespace limpid::server

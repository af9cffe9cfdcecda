// What is advised after a seal that failed is true of that failure.

#include "clients/cli/sealing_advice.h"

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "clients/cli/failure.h"
#include "clients/cpp/device_file.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::cli {
namespace {

using testing::IsOk;

class SealingAdviceTest : public ::testing::Test {
 protected:
  // That the seal of `attribute` is half done.
  void Begin(const char* attribute) {
    client::MoveProgress progress;
    progress.copies = {{1, 4}};
    ASSERT_THAT(notes_.Write(attribute, progress), IsOk());
  }
  std::string Advice(const absl::Status& failed) {
    return NextStep(AfterSeal(failed, "person.name", notes_));
  }
  static bool SaysItGoesOn(const std::string& advice) {
    return advice.find("broke off") != std::string::npos;
  }

  testing::TempDir files_;
  client::MoveNotes notes_{files_.path() / "moving.json", "src_a"};
};

TEST_F(SealingAdviceTest, ItGoesOnWhereItIsHalfDone) {
  Begin("person.name");
  EXPECT_THAT(AfterSeal(absl::OkStatus(), "person.name", notes_), IsOk());
  for (const absl::Status& failed :
       {absl::UnavailableError("x"), absl::DeadlineExceededError("x"),
        absl::FailedPreconditionError("a hold"), absl::AbortedError("x")}) {
    EXPECT_TRUE(SaysItGoesOn(Advice(failed))) << failed;
  }
}

TEST_F(SealingAdviceTest, AnotherAttributesNotesSayNothingOfThisOne) {
  Begin("person.email");
  EXPECT_FALSE(SaysItGoesOn(Advice(absl::FailedPreconditionError("a hold"))));
  EXPECT_FALSE(SaysItGoesOn(Advice(absl::UnavailableError("x"))));
}

TEST_F(SealingAdviceTest, AFalseAnswerOrAFileOfOursIsNotMendedByAnotherRun) {
  Begin("person.name");
  EXPECT_FALSE(SaysItGoesOn(Advice(absl::DataLossError("something else"))));
  EXPECT_FALSE(SaysItGoesOn(
      Advice(client::AboutOwnFile(absl::UnavailableError("disk")))));
  const auto lock = client::LockBeside(notes_.file());
  ASSERT_THAT(lock, IsOk());
  const absl::Status held =
      client::LockBeside(notes_.file(), absl::ZeroDuration()).status();
  EXPECT_FALSE(SaysItGoesOn(Advice(held)));
  EXPECT_NE(Advice(held).find("another command"), std::string::npos);
  std::ofstream(notes_.file()) << "broken";
  EXPECT_FALSE(SaysItGoesOn(Advice(absl::UnavailableError("x"))));
}

TEST_F(SealingAdviceTest, OnlyAServersRefusalIsAskedToLetTheDeviceIn) {
  const absl::Status refused = absl::PermissionDeniedError("no way");
  EXPECT_NE(Advice(refused).find("device code"), std::string::npos);
  EXPECT_NE(NextStep(AfterOpening(refused)).find("device code"),
            std::string::npos);
  const absl::Status own = client::AboutOwnFile(refused);
  EXPECT_EQ(Advice(own).find("device code"), std::string::npos);
  EXPECT_EQ(NextStep(AfterOpening(own)).find("device code"), std::string::npos);
}

}  // namespace
}  // namespace limpid::cli

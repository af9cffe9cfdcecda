// A device forgets on proof, and on nothing less.

#include "clients/cli/erased_device.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "clients/cpp/device_file.h"
#include "clients/cpp/device_home.h"
#include "common/base/id.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::cli {
namespace {

namespace fs = std::filesystem;
using testing::IsOk;
using testing::StatusIs;

class ErasedDeviceTest : public ::testing::Test {
 protected:
  ErasedDeviceTest() {
    session_.options().home = files_.path().string();
    parts_.device = std::make_unique<client::DeviceHome>(
        session_.DeviceKeyFile(), session_.SealedKeyFile());
    fs::create_directories(session_.GrantsDirectory());
    for (const fs::path& file : Files()) std::ofstream(file) << "x";
    std::ofstream(session_.KeyFile()) << "x";
    fs::remove(session_.SealedKeyFile());
    pin_.generation = 1;
    pin_.holder.fill(7);
    EXPECT_THAT(parts_.device->Pin(pin_), IsOk());
    checked_.facts.everything = true;
    checked_.holder = pin_.holder;
    checked_.answer.set_logged(true);
  }
  std::vector<fs::path> Files() const {
    return {session_.DeviceKeyFile(), session_.SealedKeyFile(),
            session_.MovingFile(), session_.GrantsDirectory() / "rec_a.json",
            session_.GrantsDirectory() / "rec_b.sent"};
  }
  void ExpectThere(bool there) {
    for (const fs::path& file : Files()) {
      EXPECT_EQ(fs::exists(file), there) << file;
    }
    EXPECT_TRUE(fs::exists(session_.KeyFile()));
  }
  void ExpectForgot(Forgot expected) {
    const auto done = ForgetErased(checked_, parts_, session_);
    ASSERT_THAT(done, IsOk());
    EXPECT_EQ(*done, expected);
    ExpectThere(expected != Forgot::kAll);
  }

  testing::TempDir files_;
  testing::FakeClock clock_;
  std::ostringstream out_;
  Session session_{Terminal(out_, out_, {}), clock_};
  PersonParts parts_;
  client::SealedPin pin_;
  client::CheckedErasure checked_;
};

TEST_F(ErasedDeviceTest, ForgetsOnACertificateOfEverythingInTheLog) {
  EXPECT_EQ(HolderOf(parts_).value(), pin_.holder);
  ExpectForgot(Forgot::kAll);
  // And again, where nothing is left.
  EXPECT_EQ(ForgetErased(checked_, parts_, session_).value(),
            Forgot::kNothingKnown);
}

TEST_F(ErasedDeviceTest, KeepsAllBeforeTheLogProvesIt) {
  checked_.answer.set_logged(false);
  ExpectForgot(Forgot::kNotYet);
}

TEST_F(ErasedDeviceTest, KeepsAllOnACertificateOfOneAttribute) {
  checked_.facts.everything = false;
  ExpectForgot(Forgot::kNotYet);
}

TEST_F(ErasedDeviceTest, KeepsAllOnACertificateOfSomebodyElseOrOfNobody) {
  checked_.holder->fill(8);
  EXPECT_THAT(ForgetErased(checked_, parts_, session_),
              StatusIs(absl::StatusCode::kDataLoss));
  ExpectThere(true);
  checked_.holder.reset();
  EXPECT_THAT(ForgetErased(checked_, parts_, session_),
              StatusIs(absl::StatusCode::kDataLoss));
  ExpectThere(true);
}

TEST_F(ErasedDeviceTest, KeepsAllWhereNothingTellsWhoseTheCertificateIs) {
  fs::remove(session_.SealedKeyFile());
  checked_.holder.reset();
  EXPECT_EQ(ForgetErased(checked_, parts_, session_).value(),
            Forgot::kNothingKnown);
  EXPECT_TRUE(fs::exists(session_.DeviceKeyFile()));
  EXPECT_TRUE(fs::exists(session_.GrantsDirectory() / "rec_a.json"));
  std::ofstream(session_.SealedKeyFile()) << "broken";
  const auto broken = ForgetErased(checked_, parts_, session_);
  EXPECT_TRUE(client::IsAboutOwnFile(broken.status()));
  EXPECT_TRUE(fs::exists(session_.DeviceKeyFile()));
}

TEST_F(ErasedDeviceTest, WhatBelongedToAnErasedAccountIsSetAside) {
  for (const fs::path& file :
       {session_.LogHeadFile(), session_.SeenHeadFile()}) {
    std::ofstream(file) << "x";
  }
  // Of an earlier account.
  std::ofstream(session_.LogHeadFile().string() + ".erased") << "older";
  ASSERT_THAT(SetAside(session_), IsOk());
  for (const fs::path& file : {session_.LogHeadFile(), session_.SeenHeadFile(),
                               session_.SealedKeyFile(), session_.MovingFile(),
                               session_.GrantsDirectory() / "rec_a.json",
                               session_.GrantsDirectory() / "rec_b.sent"}) {
    EXPECT_FALSE(fs::exists(file)) << file;
    EXPECT_TRUE(fs::exists(file.string() + ".erased")) << file;
  }
  EXPECT_TRUE(fs::exists(session_.KeyFile()));
  EXPECT_TRUE(fs::exists(session_.DeviceKeyFile()));
  EXPECT_THAT(SetAside(session_), IsOk());
}

TEST_F(ErasedDeviceTest, WhatCannotBeSetAsideIsNamedAndHidesNothingElse) {
  std::ofstream(session_.LogHeadFile()) << "x";
  std::ofstream(session_.SeenHeadFile()) << "x";
  fs::create_directories(session_.LogHeadFile().string() + ".erased/x");
  const absl::Status failed = SetAside(session_);
  EXPECT_TRUE(client::IsAboutOwnFile(failed));
  EXPECT_NE(std::string(failed.message()).find("log-head"), std::string::npos);
  EXPECT_FALSE(fs::exists(session_.SeenHeadFile()));
  EXPECT_FALSE(fs::exists(session_.MovingFile()));
}

}  // namespace
}  // namespace limpid::cli

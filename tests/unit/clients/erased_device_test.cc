// A device forgets on proof, and on nothing less.

#include "clients/cli/erased_device.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <vector>

#include "clients/cpp/device_home.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::cli {
namespace {

namespace fs = std::filesystem;
using testing::IsOk;

class ErasedDeviceTest : public ::testing::Test {
 protected:
  ErasedDeviceTest() {
    session_.options().home = files_.path().string();
    parts_.device = std::make_unique<client::DeviceHome>(
        session_.DeviceKeyFile(), session_.SealedKeyFile());
    fs::create_directories(session_.GrantsDirectory());
    for (const fs::path& file : Files()) std::ofstream(file) << "x";
    std::ofstream(session_.KeyFile()) << "x";
    checked_.facts.everything = true;
    checked_.answer.set_logged(true);
  }
  std::vector<fs::path> Files() const {
    return {session_.DeviceKeyFile(), session_.SealedKeyFile(),
            session_.MovingFile(), session_.GrantsDirectory() / "rec_a.json",
            session_.GrantsDirectory() / "rec_b.sent"};
  }
  void ExpectForgotten(bool forgotten) {
    const auto done = ForgetErased(checked_, parts_, session_);
    ASSERT_THAT(done, IsOk());
    EXPECT_EQ(*done, forgotten);
    for (const fs::path& file : Files()) {
      EXPECT_EQ(fs::exists(file), !forgotten) << file;
    }
    EXPECT_TRUE(fs::exists(session_.KeyFile()));
  }

  testing::TempDir files_;
  testing::FakeClock clock_;
  std::ostringstream out_;
  Session session_{Terminal(out_, out_, {}), clock_};
  PersonParts parts_;
  client::CheckedErasure checked_;
};

TEST_F(ErasedDeviceTest, ForgetsOnACertificateOfEverythingInTheLog) {
  ExpectForgotten(true);
  // And again, where nothing is left.
  EXPECT_THAT(ForgetErased(checked_, parts_, session_), IsOk());
}

TEST_F(ErasedDeviceTest, KeepsAllBeforeTheLogProvesIt) {
  checked_.answer.set_logged(false);
  ExpectForgotten(false);
}

TEST_F(ErasedDeviceTest, KeepsAllOnACertificateOfOneAttribute) {
  checked_.facts.everything = false;
  ExpectForgotten(false);
}

}  // namespace
}  // namespace limpid::cli

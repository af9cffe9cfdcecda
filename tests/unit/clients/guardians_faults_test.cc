// Guardians where a disk or a call fails half-way: nothing that stood before is
// lost, and nothing is begun that cannot be ended.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cpp/device_file.h"
#include "tests/unit/clients/guardians_fixture.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

TEST_F(GuardiansTest, FilesThatAreThereAreLeftAndNothingIsStored) {
  const auto directory = files_.path() / "out";
  std::filesystem::create_directories(directory);
  std::ofstream(directory / "guardian-3-of-3.txt") << "mine";
  EXPECT_THAT(phone_->guardians.Make(2, 3, directory),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_RECOVERY), 0);
  EXPECT_FALSE(std::filesystem::exists(directory / "guardian-1-of-3.txt"));
  EXPECT_TRUE(std::filesystem::exists(directory / "guardian-3-of-3.txt"));
}

TEST_F(GuardiansTest, WhatWasNotStoredLeavesNoShares) {
  const auto old = Make(2, 2);
  vault_.fail = "AddKeySlot";
  const auto directory = files_.path() / "out";
  EXPECT_THAT(phone_->guardians.Make(2, 3, directory),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_TRUE(std::filesystem::is_empty(directory));
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_RECOVERY), 1);
  vault_.fail.clear();
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  EXPECT_TRUE(Recover(*NewDevice(), old)->recovered);
}

TEST_F(GuardiansTest, ThatAnEarlierSlotStaysLosesNothingNew) {
  const auto old = Make(2, 2);
  const std::string earlier = vault_.slots.back().slot_id();
  vault_.fail = "DeleteKeySlot";
  const auto made = phone_->guardians.Make(2, 3, files_.path() / "out");
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->removed, 0U);
  ASSERT_EQ(made->staying.size(), 1U);
  EXPECT_EQ(made->staying.front().slot_id(), earlier);
  EXPECT_THAT(made->why, StatusIs(absl::StatusCode::kUnavailable));
  ASSERT_EQ(made->files.size(), 3U);
  std::vector<base::SecretBytes> shares;
  for (const auto& file : made->files) {
    shares.push_back(ReadShareFile(file).value());
  }
  vault_.fail.clear();
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  EXPECT_TRUE(Recover(*NewDevice(), Pick(shares, {0, 2}))->recovered);
  EXPECT_TRUE(Recover(*NewDevice(), old)->recovered);
}

TEST_F(GuardiansTest, AnEarlierSlotThatIsGoneAlreadyIsRemoved) {
  Make(2, 2);
  vault_.gone = true;
  const auto made = phone_->guardians.Make(2, 3, files_.path() / "out");
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->removed, 1U);
  EXPECT_TRUE(made->staying.empty());
}

TEST_F(GuardiansTest, ADeviceThatCouldKeepNothingStartsNothing) {
  const auto shares = Make(2, 2);
  const auto refused = [&](TestDevice& device) {
    const auto progress = Recover(device, shares);
    EXPECT_TRUE(IsAboutOwnFile(progress.status())) << progress.status();
    EXPECT_EQ(vault_.calls["StartRecovery"], 0);
    EXPECT_EQ(vault_.calls["GetRecoverySlot"], 0);
  };
  const auto broken_key = NewDevice();
  std::ofstream(broken_key->files.path() / "device-key.json") << "{}";
  std::filesystem::permissions(broken_key->files.path() / "device-key.json",
                               std::filesystem::perms(0600));
  refused(*broken_key);
  const auto open_key = NewDevice();
  ASSERT_THAT(open_key->home.Key(), IsOk());
  std::filesystem::permissions(open_key->files.path() / "device-key.json",
                               std::filesystem::perms(0644));
  refused(*open_key);
  const auto lost_key = NewDevice();
  ASSERT_THAT(lost_key->home.Pin(*phone_->home.Pinned().value()), IsOk());
  refused(*lost_key);
  // What even root cannot write to.
  const auto unwritable = NewDevice();
  std::filesystem::create_directories(unwritable->files.path() /
                                      "sealed-key.json.tmp" / "x");
  refused(*unwritable);
}

TEST_F(GuardiansTest, ASlotOfAnotherKeyThanTheDeviceKnowsStartsNothing) {
  const auto shares = Make(2, 2);
  for (const bool generation : {false, true}) {
    const auto laptop = NewDevice();
    ASSERT_THAT(laptop->home.Key(), IsOk());
    SealedPin other = *phone_->home.Pinned().value();
    if (generation) ++other.generation;
    if (!generation) other.key_id[0] ^= 1;
    ASSERT_THAT(laptop->home.Pin(other), IsOk());
    EXPECT_THAT(Recover(*laptop, shares), StatusIs(kDataLoss));
  }
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
}

TEST_F(GuardiansTest, ARecoveryThatCannotBeCancelledShieldsNoOther) {
  Make(2, 2);
  vault_.fail = "DeleteKeySlot";
  ASSERT_THAT(phone_->guardians.Make(2, 2, files_.path() / "out"), IsOk());
  ASSERT_EQ(vault_.Count(v1::SLOT_KIND_RECOVERY), 2);
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  vault_.fail = "CancelRecovery";
  EXPECT_THAT(phone_->guardians.Cancel(),
              StatusSays(absl::StatusCode::kUnavailable,
                         "0 recoveries were cancelled"));
  EXPECT_EQ(vault_.calls["CancelRecovery"], 2);
}

}  // namespace
}  // namespace limpid::client

// Guardians of a person's sealed key, at a vault that keeps what it is given
// and opens when the test says so, or lies.

#include "clients/cpp/guardians.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/recovery_slot.h"
#include "clients/cpp/share_file.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "common/crypto/slip39.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
namespace slip39 = crypto::slip39;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

// Slots as they come; bodies of recovery slots apart.
class FakeVault final : public Connection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    const std::string path(method.path);
    const std::string name = path.substr(path.rfind('/') + 1);
    ++calls[name];
    if (fail == name) return absl::UnavailableError("down");
    if (name == "ListKeySlots")
      return List(As<v1::ListKeySlotsResponse>(response));
    if (name == "AddKeySlot") {
      slots.push_back(As<v1::AddKeySlotRequest>(request).slot());
      return absl::OkStatus();
    }
    if (name == "DeleteKeySlot") {
      const auto& id = As<v1::DeleteKeySlotRequest>(request).slot_id();
      std::erase_if(slots,
                    [&](const auto& one) { return one.slot_id() == id; });
      return absl::OkStatus();
    }
    if (name == "StartRecovery") {
      if (recovery.number() == 0) Step(v1::RECOVERY_PHASE_WAITING);
      *As<v1::StartRecoveryResponse>(response).mutable_recovery() = recovery;
      return absl::OkStatus();
    }
    if (name == "GetRecoverySlot") {
      const auto& id = As<v1::GetRecoverySlotRequest>(request).slot_id();
      auto& out = As<v1::GetRecoverySlotResponse>(response);
      for (const auto& slot : slots) {
        if (slot.slot_id() == id) *out.mutable_slot() = slot;
      }
      if (lie) lie(*out.mutable_slot());
      return absl::OkStatus();
    }
    if (name == "CancelRecovery") {
      cancelled = As<v1::CancelRecoveryRequest>(request).number();
      *As<v1::CancelRecoveryResponse>(response).mutable_recovery() = recovery;
      return absl::OkStatus();
    }
    if (name == "AllowRecovery") {
      allowed = As<v1::AllowRecoveryRequest>(request);
      return absl::OkStatus();
    }
    return absl::UnimplementedError("not this one");
  }
  absl::Status Stream(const Method& /*method*/,
                      const google::protobuf::MessageLite& /*request*/,
                      google::protobuf::MessageLite& /*message*/,
                      absl::FunctionRef<bool()> /*each*/) override {
    return absl::UnimplementedError("no streams");
  }

  void Step(v1::RecoveryPhase phase) {
    recovery.set_phase(phase);
    recovery.set_number(1);
  }
  int Count(v1::SlotKind kind) const {
    int out = 0;
    for (const auto& slot : slots) out += slot.kind() == kind ? 1 : 0;
    return out;
  }

  std::vector<v1::KeySlot> slots;
  // Of every recovery slot.
  v1::Recovery recovery;
  // The call that fails.
  std::string fail;
  // Before a recovery slot is handed out.
  std::function<void(v1::KeySlot&)> lie;
  std::uint64_t cancelled = 0;
  v1::AllowRecoveryRequest allowed;
  std::map<std::string, int> calls;

 private:
  template <typename Message>
  static const Message& As(const google::protobuf::MessageLite& message) {
    return dynamic_cast<const Message&>(message);
  }
  template <typename Message>
  static Message& As(google::protobuf::MessageLite& message) {
    return dynamic_cast<Message&>(message);
  }

  absl::Status List(v1::ListKeySlotsResponse& out) {
    out.set_holder_id(std::string(16, 'h'));
    for (const auto& slot : slots) {
      v1::KeySlot& listed = *out.add_slots() = slot;
      if (slot.kind() != v1::SLOT_KIND_RECOVERY) continue;
      *listed.mutable_recovery() = recovery;
      base::ByteReader reader(base::AsBytes(slot.body()));
      reader.Label("limpid/vault/slot/recovery/2");
      listed.mutable_recovery()->set_commitment(
          base::ToText(reader.Array<32>()));
      listed.clear_body();
    }
    return absl::OkStatus();
  }
};

struct TestDevice {
  TestDevice(FakeVault& vault, const PersonKey& person, const Trust& trust,
             const base::Clock& clock)
      : home(files.path() / "device-key.json",
             files.path() / "sealed-key.json"),
        sealed(vault, person, home, trust, clock),
        guardians(vault, sealed) {}

  testing::TempDir files;
  DeviceHome home;
  SealedClient sealed;
  GuardianClient guardians;
};

class GuardiansTest : public ::testing::Test {
 protected:
  GuardiansTest() {
    trust_.operator_name = "limpid.example";
    trust_.source_id = base::FormatIdText("src", base::RandomIdBytes());
  }
  void SetUp() override {
    // A key of hers, with a slot for the phone.
    ASSERT_THAT(
        phone_->sealed.AddDevice(phone_->home.Key().value().PublicKey()),
        IsOk());
    devices_ = vault_.Count(v1::SLOT_KIND_DEVICE);
  }
  std::unique_ptr<TestDevice> NewDevice() {
    return std::make_unique<TestDevice>(vault_, person_, trust_, clock_);
  }
  // Shares of a set of `threshold` of `count` that the phone made.
  std::vector<base::SecretBytes> Make(std::uint8_t threshold,
                                      std::uint8_t count) {
    const auto directory = files_.path() / std::to_string(++sets_);
    const auto made = phone_->guardians.Make(threshold, count, directory);
    EXPECT_THAT(made, IsOk());
    std::vector<base::SecretBytes> out;
    if (!made.ok()) return out;
    for (const auto& file : made->files) {
      out.push_back(ReadShareFile(file).value());
    }
    return out;
  }
  static std::vector<base::SecretBytes> Pick(
      const std::vector<base::SecretBytes>& shares,
      const std::vector<std::size_t>& places) {
    std::vector<base::SecretBytes> out;
    for (const std::size_t place : places) out.push_back(shares[place].Clone());
    return out;
  }
  absl::StatusOr<GuardianClient::Progress> Recover(
      TestDevice& device, const std::vector<base::SecretBytes>& shares) {
    return device.guardians.Recover(shares);
  }
  // That the message has none of the words that it speaks about.
  static void ExpectNoWord(const absl::Status& status,
                           const std::vector<base::SecretBytes>& shares) {
    const std::string message(base::ToStd(status.message()));
    for (const base::SecretBytes& share : shares) {
      std::istringstream words(
          base::ToText(share.Reveal(base::SecretAccess::Get())));
      // Single words of the list are words of sentences.
      std::string before;
      for (std::string word; words >> word; before = word) {
        if (before.empty()) continue;
        EXPECT_THAT(message, Not(HasSubstr(absl::StrCat(before, " ", word))));
      }
    }
  }
  SealedKey KeyOf(TestDevice& device) {
    const auto listed = device.sealed.List();
    return device.sealed.Find(*listed).value();
  }

  FakeVault vault_;
  PersonKey person_ = PersonKey::Generate();
  Trust trust_;
  testing::FakeClock clock_;
  testing::TempDir files_;
  int sets_ = 0;
  // Slots of devices before the test.
  int devices_ = 0;
  std::unique_ptr<TestDevice> phone_ = NewDevice();
};

TEST_F(GuardiansTest, AnyTwoOfThreeBringHerBack) {
  const auto shares = Make(2, 3);
  ASSERT_EQ(shares.size(), 3);
  for (const auto& places : {std::vector<std::size_t>{0, 1}, {2, 0}, {1, 2}}) {
    vault_.recovery.Clear();
    const auto laptop = NewDevice();
    const auto pair = Pick(shares, places);
    auto progress = Recover(*laptop, pair);
    ASSERT_THAT(progress, IsOk());
    EXPECT_FALSE(progress->recovered);
    EXPECT_EQ(progress->recovery.phase(), v1::RECOVERY_PHASE_WAITING);
    vault_.Step(v1::RECOVERY_PHASE_OPEN);
    progress = Recover(*laptop, pair);
    ASSERT_THAT(progress, IsOk());
    EXPECT_TRUE(progress->recovered);
    EXPECT_TRUE(KeyOf(*laptop).key == KeyOf(*phone_).key);
    EXPECT_EQ(laptop->home.Pinned().value(), phone_->home.Pinned().value());
    // Once in, there is nothing to recover.
    EXPECT_THAT(Recover(*laptop, pair),
                StatusIs(absl::StatusCode::kFailedPrecondition));
  }
}

TEST_F(GuardiansTest, OneShareLessStartsNothing) {
  const auto shares = Make(2, 3);
  const auto laptop = NewDevice();
  for (std::size_t place = 0; place < 3; ++place) {
    const auto alone = Pick(shares, {place});
    const auto refused = Recover(*laptop, alone);
    EXPECT_THAT(refused, StatusIs(kInvalid));
    ExpectNoWord(refused.status(), shares);
  }
  EXPECT_THAT(Recover(*laptop, Pick(shares, {0, 1, 2})), StatusIs(kInvalid));
  EXPECT_THAT(Recover(*laptop, Pick(shares, {1, 1})),
              StatusSays(kInvalid, "share 2"));
  EXPECT_THAT(Recover(*laptop, {}), StatusIs(kInvalid));
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
}

TEST_F(GuardiansTest, AForgedOrMistypedShareIsNamedByItsPlace) {
  const auto shares = Make(2, 3);
  const auto laptop = NewDevice();
  auto pair = Pick(shares, {0, 1});
  const std::string typed =
      base::ToText(pair[1].Reveal(base::SecretAccess::Get()));
  pair[1] = base::SecretBytes::Copy(
      base::AsBytes(typed.substr(0, typed.rfind(' ')) + " academic"));
  if (typed.ends_with(" academic")) GTEST_SKIP() << "one in 1,024";
  const auto refused = Recover(*laptop, pair);
  EXPECT_THAT(refused, StatusSays(kInvalid, "share 2"));
  ExpectNoWord(refused.status(), shares);
  // A value changed under a right checksum: the digest finds it.
  pair = Pick(shares, {0, 1});
  auto share = slip39::FromWords(pair[1]).value();
  share.value.RevealMutable(base::SecretAccess::Get())[5] ^= 1;
  pair[1] = slip39::ToWords(share);
  const auto forged = Recover(*laptop, pair);
  EXPECT_THAT(forged, StatusIs(kDataLoss));
  ExpectNoWord(forged.status(), shares);
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
}

TEST_F(GuardiansTest, SharesOfAnEarlierSetAreToldApartBeforeAnythingStarts) {
  const auto first = Make(2, 3);
  const auto second = Make(2, 2);
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_RECOVERY), 1)
      << "the earlier slot goes when the new one stands";
  const auto laptop = NewDevice();
  const auto refused = Recover(*laptop, Pick(first, {0, 1}));
  EXPECT_THAT(refused, StatusSays(kInvalid, "earlier"));
  ExpectNoWord(refused.status(), first);
  EXPECT_THAT(Recover(*laptop, {}), StatusIs(kInvalid));
  std::vector<base::SecretBytes> mixed = Pick(first, {0});
  mixed.push_back(second[1].Clone());
  EXPECT_THAT(Recover(*laptop, mixed), StatusSays(kInvalid, "share 2"));
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  EXPECT_TRUE(Recover(*laptop, second)->recovered);
}

TEST_F(GuardiansTest, ForgersWhoAreEnoughAreFoundByTheCommitment) {
  Make(2, 3);
  slip39::Splitting splitting;
  splitting.groups = {{2, 2}};
  const auto forged =
      slip39::Split(crypto::RandomSecret(32), splitting).value();
  const auto laptop = NewDevice();
  EXPECT_THAT(Recover(*laptop, forged.front()),
              StatusSays(kInvalid, "somebody else"));
  const auto small = slip39::Split(crypto::RandomSecret(16), splitting).value();
  EXPECT_THAT(Recover(*laptop, small.front()), StatusIs(kInvalid));
  EXPECT_EQ(vault_.calls["StartRecovery"], 0);
}

TEST_F(GuardiansTest, AVaultThatLiesAboutTheSlotGetsNoDeviceIn) {
  const auto shares = Make(2, 2);
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  const auto laptop = NewDevice();
  const std::vector<std::function<void(v1::KeySlot&)>> lies = {
      [](v1::KeySlot& slot) { slot.clear_body(); },
      [](v1::KeySlot& slot) { slot.mutable_body()->back() ^= 1; },
      [](v1::KeySlot& slot) { (*slot.mutable_body())[30] ^= 1; },
      [](v1::KeySlot& slot) { slot.set_slot_id(std::string(16, 'x')); },
      [](v1::KeySlot& slot) { slot.set_key_id(std::string(16, 'x')); },
      [](v1::KeySlot& slot) { slot.set_generation(9); },
      [](v1::KeySlot& slot) { slot.Clear(); },
  };
  for (const auto& lie : lies) {
    vault_.lie = lie;
    EXPECT_THAT(Recover(*laptop, shares), StatusIs(kDataLoss));
  }
  EXPECT_EQ(laptop->home.Pinned().value(), std::nullopt);
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_DEVICE), devices_);
  vault_.lie = nullptr;
  EXPECT_TRUE(Recover(*laptop, shares)->recovered);
}

TEST_F(GuardiansTest, ADeviceThatKnewAnotherKeyIsNotLetIn) {
  const auto shares = Make(2, 2);
  vault_.Step(v1::RECOVERY_PHASE_OPEN);
  const auto laptop = NewDevice();
  SealedPin other = *phone_->home.Pinned().value();
  other.commitment[0] ^= 1;
  ASSERT_THAT(laptop->home.Pin(other), IsOk());
  EXPECT_THAT(Recover(*laptop, shares), StatusIs(kDataLoss));
  EXPECT_EQ(vault_.Count(v1::SLOT_KIND_DEVICE), devices_);
}

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

TEST_F(GuardiansTest, NumbersThatAreNoGuardiansAreRefused) {
  const auto directory = files_.path() / "out";
  for (const auto& [threshold, count] :
       {std::pair{0, 0}, {0, 3}, {1, 2}, {3, 2}, {2, 17}, {17, 17}}) {
    EXPECT_THAT(
        phone_->guardians.Make(static_cast<std::uint8_t>(threshold),
                               static_cast<std::uint8_t>(count), directory),
        StatusIs(kInvalid));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_EQ(Make(16, 16).size(), 16);
  EXPECT_EQ(Make(1, 1).size(), 1);
}

TEST_F(GuardiansTest, ADeviceWithoutASlotMakesAndAllowsNothing) {
  const auto laptop = NewDevice();
  EXPECT_THAT(laptop->guardians.Make(2, 3, files_.path() / "out"),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(laptop->guardians.Allow(),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(Recover(*laptop,
                      [] {
                        slip39::Splitting splitting;
                        splitting.groups = {{1, 1}};
                        return std::move(
                            slip39::Split(crypto::RandomSecret(32), splitting)
                                .value()
                                .front());
                      }()),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(GuardiansTest, AnyDeviceCancelsAndOneThatOpensAllows) {
  Make(2, 2);
  const auto laptop = NewDevice();
  EXPECT_TRUE(laptop->guardians.Cancel()->empty());
  vault_.Step(v1::RECOVERY_PHASE_WAITING);
  EXPECT_EQ(laptop->guardians.Cancel()->size(), 1);
  EXPECT_EQ(vault_.cancelled, 1);
  vault_.Step(v1::RECOVERY_PHASE_CANCELLED);
  vault_.recovery.set_barred(true);
  ASSERT_THAT(phone_->guardians.Allow(), IsOk());
  EXPECT_EQ(vault_.allowed.number(), 1);
  EXPECT_EQ(vault_.allowed.signature().size(), 64);
}

TEST_F(GuardiansTest, EveryDeviceIsToldWhatIsUnderWay) {
  Make(2, 2);
  for (const auto& [phase, told] : {std::pair{v1::RECOVERY_PHASE_NONE, 0},
                                    {v1::RECOVERY_PHASE_WAITING, 1},
                                    {v1::RECOVERY_PHASE_OPEN, 1},
                                    {v1::RECOVERY_PHASE_HANDED_OUT, 1},
                                    {v1::RECOVERY_PHASE_CANCELLED, 0},
                                    {v1::RECOVERY_PHASE_OVER, 0}}) {
    vault_.Step(phase);
    int count = 0;
    phone_->sealed.OnRecovery([&](const v1::KeySlot&) { ++count; });
    ASSERT_THAT(phone_->sealed.Slots(), IsOk());
    ASSERT_THAT(phone_->sealed.Slots(), IsOk());
    EXPECT_EQ(count, told) << phase;
    phone_->sealed.OnRecovery(nullptr);
  }
}

}  // namespace
}  // namespace limpid::client

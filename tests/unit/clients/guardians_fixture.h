// A vault that keeps the slots it is given and opens when a test says so, or
// lies, and devices of one person at it.

#ifndef LIMPID_TESTS_UNIT_CLIENTS_GUARDIANS_FIXTURE_H_
#define LIMPID_TESTS_UNIT_CLIENTS_GUARDIANS_FIXTURE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/guardians.h"
#include "clients/cpp/share_file.h"
#include "common/base/bytes.h"
#include "common/base/id.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {

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
      return List(As<vault::v1::ListKeySlotsResponse>(response));
    if (name == "AddKeySlot") {
      slots.push_back(As<vault::v1::AddKeySlotRequest>(request).slot());
      return absl::OkStatus();
    }
    if (name == "DeleteKeySlot") {
      if (gone) return absl::NotFoundError("no such slot");
      const auto& id = As<vault::v1::DeleteKeySlotRequest>(request).slot_id();
      std::erase_if(slots,
                    [&](const auto& one) { return one.slot_id() == id; });
      return absl::OkStatus();
    }
    if (name == "StartRecovery") {
      if (recovery.number() == 0) Step(vault::v1::RECOVERY_PHASE_WAITING);
      *As<vault::v1::StartRecoveryResponse>(response).mutable_recovery() =
          recovery;
      return absl::OkStatus();
    }
    if (name == "GetRecoverySlot") {
      const auto& id = As<vault::v1::GetRecoverySlotRequest>(request).slot_id();
      auto& out = As<vault::v1::GetRecoverySlotResponse>(response);
      for (const auto& slot : slots) {
        if (slot.slot_id() == id) *out.mutable_slot() = slot;
      }
      if (lie) lie(*out.mutable_slot());
      return absl::OkStatus();
    }
    if (name == "CancelRecovery") {
      cancelled = As<vault::v1::CancelRecoveryRequest>(request).number();
      *As<vault::v1::CancelRecoveryResponse>(response).mutable_recovery() =
          recovery;
      return absl::OkStatus();
    }
    if (name == "AllowRecovery") {
      allowed = As<vault::v1::AllowRecoveryRequest>(request);
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

  void Step(vault::v1::RecoveryPhase phase) {
    recovery.set_phase(phase);
    recovery.set_number(1);
  }
  int Count(vault::v1::SlotKind kind) const {
    int out = 0;
    for (const auto& slot : slots) out += slot.kind() == kind ? 1 : 0;
    return out;
  }

  std::vector<vault::v1::KeySlot> slots;
  // Of every recovery slot.
  vault::v1::Recovery recovery;
  // The call that fails.
  std::string fail;
  // Somebody else removed every slot before.
  bool gone = false;
  // Before a recovery slot is handed out.
  std::function<void(vault::v1::KeySlot&)> lie;
  std::uint64_t cancelled = 0;
  vault::v1::AllowRecoveryRequest allowed;
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

  absl::Status List(vault::v1::ListKeySlotsResponse& out) {
    out.set_holder_id(std::string(16, 'h'));
    for (const auto& slot : slots) {
      vault::v1::KeySlot& listed = *out.add_slots() = slot;
      if (slot.kind() != vault::v1::SLOT_KIND_RECOVERY) continue;
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
        testing::IsOk());
    devices_ = vault_.Count(vault::v1::SLOT_KIND_DEVICE);
  }
  std::unique_ptr<TestDevice> NewDevice() {
    return std::make_unique<TestDevice>(vault_, person_, trust_, clock_);
  }
  // Shares of a set of `threshold` of `count` that the phone made.
  std::vector<base::SecretBytes> Make(std::uint8_t threshold,
                                      std::uint8_t count) {
    const auto directory = files_.path() / std::to_string(++sets_);
    const auto made = phone_->guardians.Make(threshold, count, directory);
    EXPECT_THAT(made, testing::IsOk());
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
        EXPECT_THAT(message, ::testing::Not(::testing::HasSubstr(
                                 absl::StrCat(before, " ", word))));
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

}  // namespace limpid::client

#endif  // LIMPID_TESTS_UNIT_CLIENTS_GUARDIANS_FIXTURE_H_

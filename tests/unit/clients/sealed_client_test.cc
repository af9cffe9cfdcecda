// A device against a vault that keeps what it is given, or lies about it.

#include "clients/cpp/sealed_client.h"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/base/id.h"
#include "common/base/text.h"
#include "common/crypto/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_clock.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/clients/unary_connection.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::Not;
using testing::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr char kBirth[] = "person.birth_date";

// Stores slots and values as they come.
class FakeVault final : public UnaryConnection {
 public:
  absl::Status Call(const Method& method,
                    const google::protobuf::MessageLite& request,
                    google::protobuf::MessageLite& response) override {
    const std::string path(method.path);
    const std::string name = path.substr(path.rfind('/') + 1);
    ++calls[name];
    if (name == "ListKeySlots")
      return List(As<v1::ListKeySlotsResponse>(response));
    if (name == "AddKeySlot") {
      const auto& slot = As<v1::AddKeySlotRequest>(request).slot();
      if (!slots.empty() && slots.front().key_id() != slot.key_id()) {
        return absl::FailedPreconditionError("another key");
      }
      slots.push_back(slot);
      return absl::OkStatus();
    }
    if (name == "DeleteKeySlot") {
      const auto& id = As<v1::DeleteKeySlotRequest>(request).slot_id();
      std::erase_if(slots,
                    [&](const auto& one) { return one.slot_id() == id; });
      return absl::OkStatus();
    }
    if (name == "GetSealingPlace") return Place(request, response);
    if (name == "PutSealedAttribute") return Put(request, response);
    return absl::UnimplementedError("not this one");
  }
  [[nodiscard]] v1::GetAttributeResponse Answer(std::size_t version) const {
    const auto& put = puts.at(version - 1);
    v1::GetAttributeResponse out;
    out.mutable_version()->set_attribute(put.attribute());
    out.mutable_version()->set_version(put.version());
    out.mutable_version()->set_schema_version(put.schema_version());
    *out.mutable_version()->mutable_put_time() = put.put_time();
    *out.mutable_sealed() = put.sealed();
    return out;
  }

  std::string holder = std::string(16, 'h');
  std::vector<v1::KeySlot> slots;
  std::vector<v1::PutSealedAttributeRequest> puts;
  // Before an answer of ListKeySlots leaves.
  std::function<void(v1::ListKeySlotsResponse&)> lie;
  // Versions that others store just before ours.
  int others = 0;
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
    out.set_holder_id(holder);
    for (const auto& slot : slots) *out.add_slots() = slot;
    if (lie) lie(out);
    return absl::OkStatus();
  }
  absl::Status Place(const google::protobuf::MessageLite& request,
                     google::protobuf::MessageLite& response) {
    auto& out = As<v1::GetSealingPlaceResponse>(response);
    auto& definition = *out.mutable_definition();
    definition.set_id(As<v1::GetSealingPlaceRequest>(request).attribute());
    definition.set_schema_version(1);
    definition.set_schema_json(R"({"type":"string","format":"date"})");
    out.set_version(puts.size() + 1);
    out.set_holder_id(holder);
    return absl::OkStatus();
  }
  absl::Status Put(const google::protobuf::MessageLite& request,
                   google::protobuf::MessageLite& response) {
    const auto& put = As<v1::PutSealedAttributeRequest>(request);
    if (others > 0) {
      --others;
      puts.push_back(put);
      return absl::AbortedError("another was first");
    }
    if (put.version() != puts.size() + 1) return absl::AbortedError("version");
    puts.push_back(put);
    As<v1::PutSealedAttributeResponse>(response).set_version(put.version());
    return absl::OkStatus();
  }
};

// One device of a person: its files and its client.
struct TestDevice {
  TestDevice(FakeVault& vault, const PersonKey& person, const Trust& trust,
             const base::Clock& clock)
      : home(files.path() / "device-key.json",
             files.path() / "sealed-key.json"),
        client(vault, person, home, trust, clock) {}

  testing::TempDir files;
  DeviceHome home;
  SealedClient client;
};

class SealedClientTest : public ::testing::Test {
 protected:
  SealedClientTest() {
    trust_.operator_name = "limpid.example";
    trust_.source_id = base::FormatIdText("src", base::RandomIdBytes());
  }
  std::unique_ptr<TestDevice> NewDevice() {
    return std::make_unique<TestDevice>(vault_, person_, trust_, clock_);
  }
  absl::Status Put(TestDevice& device) {
    return device.client.Put(kBirth, "\"1990-02-28\"").status();
  }
  void LetIn(TestDevice& from, TestDevice& device) {
    const auto code =
        ParseDeviceCode(DeviceCode(device.home.Key().value().PublicKey()));
    ASSERT_THAT(code, IsOk());
    ASSERT_THAT(from.client.AddDevice(*code), IsOk());
  }

  FakeVault vault_;
  PersonKey person_ = PersonKey::Generate();
  Trust trust_;
  testing::FakeClock clock_;
  std::unique_ptr<TestDevice> phone_ = NewDevice();
};

TEST_F(SealedClientTest, SealsUnderAKeyOfItsOwnAndOpensAgain) {
  ASSERT_THAT(Put(*phone_), IsOk());
  ASSERT_THAT(Put(*phone_), IsOk());
  EXPECT_EQ(vault_.slots.size(), 1);
  const auto opened = phone_->client.Open(kBirth, vault_.Answer(2));
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->value_json, "\"1990-02-28\"");
  // The other version's parts under this version's number.
  auto swapped = vault_.Answer(2);
  *swapped.mutable_sealed() = vault_.Answer(1).sealed();
  EXPECT_THAT(phone_->client.Open(kBirth, swapped), StatusIs(kDataLoss));
  auto later = vault_.Answer(2);
  later.mutable_version()->mutable_put_time()->set_seconds(1);
  EXPECT_THAT(phone_->client.Open(kBirth, later), StatusIs(kDataLoss));
}

TEST_F(SealedClientTest, WhatBreaksItsSchemaIsNotSealed) {
  for (const char* bad : {"\"28 February\"", "1990", "{", ""}) {
    const auto refused = phone_->client.Put(kBirth, bad);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_THAT(std::string(base::ToStd(refused.status().message())),
                Not(HasSubstr("February")));
  }
  EXPECT_TRUE(vault_.puts.empty());
}

TEST_F(SealedClientTest, AVersionInBetweenIsSealedAnewAFewTimes) {
  vault_.others = 3;
  ASSERT_THAT(Put(*phone_), IsOk());
  EXPECT_EQ(vault_.puts.size(), 4);
  vault_.others = 9;
  EXPECT_THAT(Put(*phone_), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(SealedClientTest, ASecondDeviceIsLetInByTheFirst) {
  ASSERT_THAT(Put(*phone_), IsOk());
  const auto laptop = NewDevice();
  EXPECT_THAT(Put(*laptop), StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_THAT(laptop->client.Open(kBirth, vault_.Answer(1)),
              StatusIs(absl::StatusCode::kPermissionDenied));
  EXPECT_EQ(vault_.slots.size(), 1) << "it made no key of its own";
  LetIn(*phone_, *laptop);
  EXPECT_THAT(laptop->client.Open(kBirth, vault_.Answer(1)), IsOk());
  ASSERT_THAT(Put(*laptop), IsOk());
  EXPECT_THAT(phone_->client.Open(kBirth, vault_.Answer(2)), IsOk());
  const auto slots = laptop->client.Slots();
  ASSERT_THAT(slots, IsOk());
  ASSERT_EQ(slots->size(), 2);
  EXPECT_FALSE((*slots)[0].this_device);
  EXPECT_TRUE((*slots)[1].this_device);
  EXPECT_TRUE((*slots)[0].signed_by_person);
  ASSERT_THAT(laptop->client.Remove((*slots)[0].slot), IsOk());
  EXPECT_THAT(phone_->client.Open(kBirth, vault_.Answer(1)),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(SealedClientTest, AVaultThatHidesTheSlotsGetsNoNewKey) {
  ASSERT_THAT(Put(*phone_), IsOk());
  const auto kept = std::exchange(vault_.slots, {});
  EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
  EXPECT_THAT(phone_->client.Slots(), StatusIs(kDataLoss));
  const auto laptop = NewDevice();
  EXPECT_THAT(phone_->client.AddDevice(laptop->home.Key().value().PublicKey()),
              StatusIs(kDataLoss));
  EXPECT_TRUE(vault_.slots.empty());
  EXPECT_EQ(vault_.puts.size(), 1);
  vault_.slots = kept;
  EXPECT_THAT(Put(*phone_), IsOk());
}

TEST_F(SealedClientTest, AnotherKeyIsRefusedEvenWhenThePersonSignedIt) {
  ASSERT_THAT(Put(*phone_), IsOk());
  // A copy of her account at a machine that made a key of its own, with a slot
  // for this device.
  FakeVault elsewhere;
  TestDevice stranger(elsewhere, person_, trust_, clock_);
  ASSERT_THAT(stranger.client.Put(kBirth, "\"1990-02-28\""), IsOk());
  ASSERT_THAT(stranger.client.AddDevice(phone_->home.Key().value().PublicKey()),
              IsOk());
  vault_.slots = elsewhere.slots;
  EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
  EXPECT_EQ(vault_.puts.size(), 1);
}

TEST_F(SealedClientTest, AKeyThatThePersonDidNotSignIsNeverUsed) {
  // The server's own choice, offered at the first contact.
  const PersonKey server = PersonKey::Generate();
  FakeVault elsewhere;
  TestDevice stranger(elsewhere, server, trust_, clock_);
  ASSERT_THAT(stranger.client.AddDevice(phone_->home.Key().value().PublicKey()),
              IsOk());
  vault_.slots = elsewhere.slots;
  EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
  EXPECT_TRUE(vault_.puts.empty());
  const auto slots = phone_->client.Slots();
  ASSERT_THAT(slots, IsOk());
  for (const KnownSlot& known : *slots) EXPECT_FALSE(known.signed_by_person);
}

TEST_F(SealedClientTest, AnotherNameForThePersonIsNoticed) {
  ASSERT_THAT(Put(*phone_), IsOk());
  vault_.holder = std::string(16, 'x');
  EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
  vault_.holder = "short";
  EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
}

TEST_F(SealedClientTest, MalformedSlotsAreNoSlots) {
  ASSERT_THAT(Put(*phone_), IsOk());
  const std::vector<std::function<void(v1::KeySlot&)>> changes = {
      [](v1::KeySlot& slot) { slot.mutable_body()->pop_back(); },
      [](v1::KeySlot& slot) { slot.set_slot_id("x"); },
      [](v1::KeySlot& slot) { slot.set_key_id("x"); },
      [](v1::KeySlot& slot) { slot.set_generation(2); },
  };
  for (const auto& change : changes) {
    vault_.lie = [&](v1::ListKeySlotsResponse& out) {
      change(*out.mutable_slots(0));
    };
    EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
  }
  EXPECT_EQ(vault_.puts.size(), 1);
}

TEST_F(SealedClientTest, ASlotThatIsNoneHidesNoOtherAndCanBeRemoved) {
  ASSERT_THAT(Put(*phone_), IsOk());
  v1::KeySlot none = vault_.slots.front();
  none.set_slot_id(std::string(16, 'n'));
  none.set_body("no body");
  vault_.slots.insert(vault_.slots.begin(), none);
  EXPECT_THAT(Put(*phone_), IsOk());
  const auto slots = phone_->client.Slots();
  ASSERT_THAT(slots, IsOk());
  ASSERT_EQ(slots->size(), 2);
  EXPECT_TRUE((*slots)[0].malformed);
  EXPECT_FALSE((*slots)[0].signed_by_person);
  EXPECT_FALSE((*slots)[1].malformed);
  EXPECT_TRUE((*slots)[1].this_device);
  ASSERT_THAT(phone_->client.Remove((*slots)[0].slot), IsOk());
  EXPECT_EQ(vault_.slots.size(), 1);
}

TEST_F(SealedClientTest, LookingAtTheSlotsMakesNoDeviceKey) {
  ASSERT_THAT(Put(*phone_), IsOk());
  const auto laptop = NewDevice();
  const auto slots = laptop->client.Slots();
  ASSERT_THAT(slots, IsOk());
  EXPECT_FALSE((*slots)[0].this_device);
  EXPECT_EQ(laptop->home.KeyIfAny()->has_value(), false);
}

TEST_F(SealedClientTest, ADeviceKeyThatIsGoneIsNotMadeAnew) {
  ASSERT_THAT(Put(*phone_), IsOk());
  std::filesystem::remove(phone_->files.path() / "device-key.json");
  EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
  EXPECT_THAT(phone_->client.Open(kBirth, vault_.Answer(1)),
              StatusIs(kDataLoss));
  EXPECT_EQ(vault_.slots.size(), 1);
  // What is there can still be looked at, and taken away.
  EXPECT_THAT(phone_->client.Slots(), IsOk());
}

TEST_F(SealedClientTest, ADamagedPinStopsTheDevice) {
  ASSERT_THAT(Put(*phone_), IsOk());
  std::filesystem::resize_file(phone_->home.pin_file(), 40);
  EXPECT_THAT(Put(*phone_), StatusIs(kDataLoss));
  EXPECT_EQ(vault_.puts.size(), 1);
}

TEST(DeviceHome, MakesOneKeyAndKeepsIt) {
  const testing::TempDir files;
  const DeviceHome home(files.path() / "key", files.path() / "pin");
  const auto key = home.Key();
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(home.Key().value().PublicKey().bytes, key->PublicKey().bytes);
  std::filesystem::permissions(files.path() / "key",
                               std::filesystem::perms(0644));
  EXPECT_THAT(home.Key(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_EQ(home.Pinned().value(), std::nullopt);
  SealedPin pin;
  pin.source[0] = 1;
  pin.holder[15] = 255;
  pin.generation = 7;
  pin.key_id[3] = 9;
  pin.commitment[31] = 1;
  ASSERT_THAT(home.Pin(pin), IsOk());
  EXPECT_EQ(home.Pinned().value(), pin);
}

TEST(DeviceCode, FindsAMistypedLetter) {
  const auto key = crypto::X25519PrivateKey::Generate().PublicKey();
  const std::string code = DeviceCode(key);
  EXPECT_EQ(ParseDeviceCode(code)->bytes, key.bytes);
  for (std::size_t i = 0; i < code.size(); ++i) {
    std::string typed = code;
    typed[i] = typed[i] == 'a' ? 'b' : 'a';
    EXPECT_THAT(ParseDeviceCode(typed),
                StatusIs(absl::StatusCode::kInvalidArgument));
    EXPECT_FALSE(ParseDeviceCode(code.substr(0, i)).ok());
  }
}

}  // namespace
}  // namespace limpid::client

// What a device seals: the examples of the format pages, made by an independent
// program, and every bit of what a server could change.

#include "clients/cpp/sealing.h"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

namespace v1 = limpid::vault::v1;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;
constexpr char kBirth[] = "person.birth_date";
const absl::Time kPutTime = absl::FromUnixMillis(1'795'176'000'000);

template <std::size_t N>
base::ByteArray<N> Counting(std::uint8_t first) {
  base::ByteArray<N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = static_cast<std::uint8_t>(first + i);
  }
  return out;
}

// The hexadecimal lines after the line `name:` of the page, which comes after
// `start`.
base::Bytes OfPage(const std::string& page, const std::string& name,
                   const std::string& start) {
  const char* root = std::getenv("LIMPID_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) +
                     "/docs/formats/" + page);
  std::string hex;
  bool started = false;
  bool named = false;
  for (std::string line; std::getline(file, line);) {
    started = started || line.find(start) != std::string::npos;
    if (named && (line.empty() || line == "```")) break;
    if (named) hex += line;
    named = named || (started && line == name + ":");
  }
  EXPECT_FALSE(hex.empty()) << page << " has no " << name;
  return base::HexDecode(hex).value_or(base::Bytes());
}

SealedHome Home() {
  return {"limpid.example", Counting<16>(0xa0), Counting<16>(0)};
}

SealedKey Key() {
  return {Counting<16>(0x30), 2, base::SecretBytes::Copy(Counting<32>(0x60))};
}

crypto::Ed25519PrivateKey Person(std::uint8_t first = 0x11) {
  return crypto::Ed25519PrivateKey::FromSeed(
             base::SecretBytes::Copy(Counting<32>(first)))
      .value();
}

crypto::X25519PrivateKey Device(std::uint8_t first = 0x01) {
  return crypto::X25519PrivateKey::FromBytes(
             base::SecretBytes::Copy(Counting<32>(first)))
      .value();
}

SlotPlace ExamplePlace() { return {Counting<16>(0x90), 2, Counting<16>(0x30)}; }

v1::SealedValue ExampleValue() {
  const std::string start = "The value of the first example sealed";
  v1::SealedValue out;
  out.set_dek_id(base::ToText(Counting<16>(0x20)));
  out.set_generation(2);
  out.set_wrap(base::ToText(OfPage("attribute-record.md", "wrap", start)));
  out.set_label(base::ToText(OfPage("attribute-record.md", "label", start)));
  out.set_payload(
      base::ToText(OfPage("attribute-record.md", "payload", start)));
  return out;
}

TEST(SealingFormat, OpensTheValueOfThePage) {
  const auto opened =
      OpenSealedValue(Home(), Key(), {kBirth, 1, 3, 0}, ExampleValue());
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->value_json, "\"1990-02-28\"");
  EXPECT_EQ(opened->put_time, kPutTime);
}

TEST(SealingFormat, OpensTheSlotOfThePage) {
  const std::string start = "A device slot, suite 2";
  const base::Bytes body = OfPage("key-slots.md", "body", start);
  ASSERT_EQ(body.size(), 239);
  const auto slot = ParseDeviceSlot(body);
  ASSERT_THAT(slot, IsOk());
  const auto key = OpenDeviceSlot(Home(), ExamplePlace(), *slot, Device(),
                                  Person().PublicKey());
  ASSERT_THAT(key, IsOk());
  EXPECT_TRUE(key->key == Key().key);
  EXPECT_EQ(key->generation, 2);
  EXPECT_EQ(base::ToBytes(CommitmentOf(*key)),
            OfPage("key-slots.md", "commitment", start));
}

class SealingTest : public ::testing::Test {
 protected:
  base::Bytes Body() {
    return DeviceSlotBody(Home(), key_, place_.slot_id, device_.PublicKey(),
                          person_)
        .value();
  }
  absl::StatusOr<SealedKey> OpenSlot(const base::Bytes& body) {
    const auto slot = ParseDeviceSlot(body);
    if (!slot.ok()) return slot.status();
    return OpenDeviceSlot(home_, place_, *slot, device_, person_.PublicKey());
  }
  absl::Status OpenValue(const v1::SealedValue& sealed) {
    return OpenSealedValue(home_, key_, to_, sealed).status();
  }

  SealedHome home_ = Home();
  SealedKey key_ = Key();
  SlotPlace place_ = ExamplePlace();
  crypto::X25519PrivateKey device_ = Device();
  crypto::Ed25519PrivateKey person_ = Person();
  SealedPlace to_{kBirth, 1, 3, 0};
};

TEST_F(SealingTest, OpensWhatItSealed) {
  const v1::SealedValue sealed =
      SealValue(home_, key_, to_, {"\"x\"", kPutTime});
  const auto opened = OpenSealedValue(home_, key_, to_, sealed);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(opened->value_json, "\"x\"");
  EXPECT_EQ(sealed.SerializeAsString().find(kBirth), std::string::npos);
  // Never twice alike.
  EXPECT_NE(SealValue(home_, key_, to_, {"\"x\"", kPutTime}).payload(),
            sealed.payload());
}

TEST_F(SealingTest, EveryBitOfASealedValueIsBound) {
  const v1::SealedValue sealed =
      SealValue(home_, key_, to_, {"\"x\"", kPutTime});
  using Part = std::string* (v1::SealedValue::*)();
  for (const Part part :
       {&v1::SealedValue::mutable_dek_id, &v1::SealedValue::mutable_label,
        &v1::SealedValue::mutable_wrap, &v1::SealedValue::mutable_payload}) {
    v1::SealedValue changed = sealed;
    const std::size_t size = (changed.*part)()->size();
    for (std::size_t bit = 0; bit < size * 8; ++bit) {
      changed = sealed;
      char& byte = (*(changed.*part)())[bit / 8];
      byte = static_cast<char>(byte ^ (1 << (bit % 8)));
      EXPECT_THAT(OpenValue(changed), StatusIs(kDataLoss));
    }
    changed = sealed;
    (changed.*part)()->clear();
    EXPECT_THAT(OpenValue(changed), StatusIs(kDataLoss));
  }
  v1::SealedValue other = sealed;
  other.set_generation(3);
  EXPECT_THAT(OpenValue(other), StatusIs(kDataLoss));
}

TEST_F(SealingTest, AValueOpensInItsPlaceOnly) {
  const v1::SealedValue sealed =
      SealValue(home_, key_, to_, {"\"x\"", kPutTime});
  const std::vector<std::function<void()>> moves = {
      [this] { to_.attribute = "person.language"; },
      [this] { ++to_.schema_version; },
      [this] { ++to_.version; },
      [this] { home_.operator_name = "other.example"; },
      [this] { home_.holder[0] ^= 1; },
      [this] { key_.id[0] ^= 1; },
      [this] { key_ = MakeSealedKey(home_); },
  };
  for (const auto& move : moves) {
    home_ = Home();
    key_ = Key();
    to_ = {kBirth, 1, 3, 0};
    EXPECT_THAT(OpenValue(sealed), IsOk());
    move();
    EXPECT_THAT(OpenValue(sealed), StatusIs(kDataLoss));
  }
}

TEST_F(SealingTest, LengthsShowInBuckets) {
  const auto size_of = [&](std::size_t bytes, std::size_t floor) {
    to_.pad_floor_bytes = floor;
    return SealValue(home_, key_, to_, {std::string(bytes, '1'), kPutTime})
        .payload()
        .size();
  };
  EXPECT_EQ(size_of(1, 0), size_of(21, 0));
  EXPECT_EQ(size_of(21, 0) + 64, size_of(22, 0));
  EXPECT_EQ(size_of(1, 60), size_of(60, 60));
}

TEST_F(SealingTest, EveryBitOfASlotIsSigned) {
  const base::Bytes body = Body();
  EXPECT_THAT(OpenSlot(body), IsOk());
  for (std::size_t bit = 0; bit < body.size() * 8; ++bit) {
    base::Bytes changed = body;
    changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(OpenSlot(changed), StatusIs(kDataLoss));
  }
  for (std::size_t size = 0; size < body.size(); ++size) {
    EXPECT_FALSE(ParseDeviceSlot(base::ByteView(body).first(size)).ok());
  }
}

TEST_F(SealingTest, ASlotOpensInItsPlaceOnly) {
  const base::Bytes body = Body();
  const std::vector<std::function<void()>> moves = {
      [this] { home_.source[0] ^= 1; },   [this] { home_.holder[0] ^= 1; },
      [this] { place_.slot_id[0] ^= 1; }, [this] { ++place_.generation; },
      [this] { place_.key_id[0] ^= 1; },  [this] { device_ = Device(0x33); },
      [this] { person_ = Person(0x33); },
  };
  for (const auto& move : moves) {
    home_ = Home();
    place_ = ExamplePlace();
    device_ = Device();
    person_ = Person();
    EXPECT_THAT(OpenSlot(body), IsOk());
    move();
    EXPECT_THAT(OpenSlot(body), StatusIs(kDataLoss));
  }
}

TEST_F(SealingTest, AKeyOfTheServersChoiceIsRefused) {
  // A box that opens, to a key that somebody else knows, with everything else
  // of the true slot.
  DeviceSlot slot = ParseDeviceSlot(Body()).value();
  const auto chosen = Counting<32>(0xd0);
  slot.box = device_.PublicKey().Seal(chosen).value();
  EXPECT_THAT(OpenDeviceSlot(home_, place_, slot, device_, person_.PublicKey()),
              StatusIs(kDataLoss));
  // And signed, by a key that is not the person's.
  person_ = Person(0x55);
  key_.key = base::SecretBytes::Copy(chosen);
  const DeviceSlot forged = ParseDeviceSlot(Body()).value();
  EXPECT_THAT(
      OpenDeviceSlot(home_, place_, forged, device_, Person().PublicKey()),
      StatusIs(kDataLoss));
}

TEST(MakeSealedKey, RepeatedRandomnessDoesNotRepeatKeysOfOtherPersons) {
  class Repeating final : public crypto::RandomSource {
   public:
    void Fill(std::span<std::uint8_t> out) override {
      for (std::uint8_t& byte : out) byte = 7;
    }
  };
  Repeating random;
  SealedHome bela = Home();
  bela.holder = Counting<16>(0x70);
  const SealedKey first = MakeSealedKey(Home(), random);
  const SealedKey second = MakeSealedKey(bela, random);
  EXPECT_FALSE(first.key == second.key);
  EXPECT_EQ(first.generation, 1);
}

}  // namespace
}  // namespace limpid::client

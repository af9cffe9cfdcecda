// The recovery slot as a device makes and opens it: the example of the page,
// and everything that must fail.

#include "clients/cpp/recovery_slot.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::client {
namespace {

using testing::IsOk;
using testing::StatusIs;

template <std::size_t N>
base::ByteArray<N> Counting(std::uint8_t first) {
  base::ByteArray<N> out{};
  for (std::size_t i = 0; i < N; ++i) {
    out[i] = static_cast<std::uint8_t>(first + i);
  }
  return out;
}

// The hexadecimal lines after the line `name:` of the page.
base::Bytes OfPage(const std::string& name) {
  const char* root = std::getenv("LIMPID_SOURCE_DIR");
  std::ifstream file(std::string(root == nullptr ? "." : root) +
                     "/docs/formats/recovery.md");
  std::string hex;
  bool named = false;
  for (std::string line; std::getline(file, line);) {
    if (named && (line.empty() || line == "```")) break;
    if (named) hex += line;
    named = named || line == name + ":";
  }
  EXPECT_FALSE(hex.empty()) << "the page has no " << name;
  return base::HexDecode(hex).value_or(base::Bytes());
}

class RecoverySlotTest : public ::testing::Test {
 protected:
  absl::StatusOr<SealedKey> Open(base::ByteView body) {
    return OpenRecoverySlot(home_, place_, body, recovery_key_);
  }
  base::Bytes Body() {
    return RecoverySlotBody(home_, key_, place_.slot_id, recovery_key_);
  }

  SealedHome home_ = {"limpid.example", Counting<16>(0xa0), Counting<16>(0)};
  SealedKey key_ = {Counting<16>(0x30), 2,
                    base::SecretBytes::Copy(Counting<32>(0x60))};
  SlotPlace place_ = {Counting<16>(0x90), 2, Counting<16>(0x30)};
  base::SecretBytes recovery_key_ = base::SecretBytes::Copy(Counting<32>(0xc0));
};

TEST_F(RecoverySlotTest, OpensTheSlotOfThePage) {
  const auto opened = Open(OfPage("recovery body"));
  ASSERT_THAT(opened, IsOk());
  EXPECT_TRUE(opened->key == key_.key);
  EXPECT_EQ(opened->generation, 2);
  EXPECT_EQ(opened->id, key_.id);
  EXPECT_EQ(base::ToBytes(RecoveryCommitment(home_, recovery_key_)),
            OfPage("commitment to the recovery key"));
}

TEST_F(RecoverySlotTest, SpeaksWithTheVoiceOfThePage) {
  EXPECT_EQ(base::ToBytes(VoiceOf(key_).PublicKey().bytes), OfPage("voice"));
  const auto signature = SignAllow(home_, key_, place_.slot_id, 2);
  EXPECT_EQ(base::ToBytes(signature), OfPage("allow signature"));
  EXPECT_TRUE(
      VoiceOf(key_).PublicKey().Verify(OfPage("allow statement"), signature));
}

TEST_F(RecoverySlotTest, OpensWhatItMade) {
  const base::Bytes body = Body();
  ASSERT_THAT(Open(body), IsOk());
  EXPECT_TRUE(Open(body)->key == key_.key);
}

TEST_F(RecoverySlotTest, EveryBitCounts) {
  for (const base::Bytes& good : {Body(), OfPage("recovery body")}) {
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      base::Bytes bad = good;
      bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
      EXPECT_FALSE(Open(bad).ok()) << bit;
    }
    for (std::size_t size = 0; size < good.size(); ++size) {
      EXPECT_FALSE(Open(base::ByteView(good).first(size)).ok());
    }
  }
}

TEST_F(RecoverySlotTest, IsBoundToItsPlace) {
  const base::Bytes body = Body();
  const std::vector<std::function<void(SealedHome&, SlotPlace&)>> moves = {
      [](SealedHome& home, SlotPlace&) { home.operator_name += "x"; },
      [](SealedHome& home, SlotPlace&) { home.source[0] ^= 1; },
      [](SealedHome& home, SlotPlace&) { home.holder[0] ^= 1; },
      [](SealedHome&, SlotPlace& place) { place.slot_id[0] ^= 1; },
      [](SealedHome&, SlotPlace& place) { place.key_id[0] ^= 1; },
      [](SealedHome&, SlotPlace& place) { ++place.generation; },
  };
  for (const auto& move : moves) {
    SealedHome home = home_;
    SlotPlace place = place_;
    move(home, place);
    EXPECT_FALSE(OpenRecoverySlot(home, place, body, recovery_key_).ok());
  }
}

TEST_F(RecoverySlotTest, AnotherRecoveryKeyIsNamedAsSuch) {
  const base::Bytes body = Body();
  recovery_key_ = base::SecretBytes::Copy(Counting<32>(0xc1));
  EXPECT_THAT(Open(body), StatusIs(absl::StatusCode::kInvalidArgument));
  recovery_key_ = base::SecretBytes::Copy(Counting<16>(0xc0));
  EXPECT_THAT(Open(body), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(RecoverySlotTest, RepeatedRandomnessGivesTwoKeysTwoRecoveryKeys) {
  class Repeating final : public crypto::RandomSource {
   public:
    void Fill(std::span<std::uint8_t> out) override {
      std::fill(out.begin(), out.end(), 7);
    }
  };
  Repeating random;
  const SealedKey other = {key_.id, 2,
                           base::SecretBytes::Copy(Counting<32>(0x61))};
  EXPECT_FALSE(MakeRecoveryKey(home_, key_, random) ==
               MakeRecoveryKey(home_, other, random));
  EXPECT_TRUE(MakeRecoveryKey(home_, key_, random) ==
              MakeRecoveryKey(home_, key_, random));
}

}  // namespace
}  // namespace limpid::client

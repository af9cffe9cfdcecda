#include "common/crypto/random.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <span>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"

namespace limpid::crypto {
namespace {

using base::AsBytes;

// A machine whose randomness repeats.
class StuckRandom final : public RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), std::uint8_t{7});
  }
};

TEST(Random, DoesNotRepeat) {
  std::set<base::ByteArray<16>> seen;
  for (int i = 0; i < 100; ++i) seen.insert(RandomArray<16>());
  EXPECT_EQ(seen.size(), 100U);
  EXPECT_FALSE(RandomSecret(32) == RandomSecret(32));
}

TEST(HedgedKey, DiffersForEqualInputWhenRandomnessIsGood) {
  EXPECT_FALSE(HedgedKey("label", {}, {}) == HedgedKey("label", {}, {}));
}

TEST(HedgedKey, RepeatedRandomnessRepeatsTheKeyForEqualInputOnly) {
  StuckRandom stuck;
  const auto key = HedgedKey("l", AsBytes("aad"), AsBytes("text"), stuck);
  EXPECT_EQ(key.size(), 32U);
  EXPECT_TRUE(key == HedgedKey("l", AsBytes("aad"), AsBytes("text"), stuck));
  EXPECT_FALSE(key == HedgedKey("m", AsBytes("aad"), AsBytes("text"), stuck));
  EXPECT_FALSE(key == HedgedKey("l", AsBytes("aae"), AsBytes("text"), stuck));
  EXPECT_FALSE(key == HedgedKey("l", AsBytes("aad"), AsBytes("texu"), stuck));
  // A byte that moves from the label to the associated data.
  EXPECT_FALSE(key == HedgedKey("la", AsBytes("ad"), AsBytes("text"), stuck));
}

}  // namespace
}  // namespace limpid::crypto

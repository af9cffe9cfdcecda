#include "common/base/secret.h"

#include <type_traits>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::base {
namespace {

static_assert(!std::is_copy_constructible_v<SecretBytes>);
static_assert(!std::is_copy_assignable_v<SecretBytes>);

ByteView Reveal(const SecretBytes& secret) {
  return secret.Reveal(SecretAccess::Get());
}

TEST(SecretBytes, StartsZeroAndHoldsACopy) {
  EXPECT_EQ(ToBytes(Reveal(SecretBytes(3))), (Bytes{0, 0, 0}));
  const Bytes plain = {1, 2, 3};
  const SecretBytes secret = SecretBytes::Copy(plain);
  EXPECT_EQ(ToBytes(Reveal(secret)), plain);
}

TEST(SecretBytes, IsZeroAgainAfterReuseOfItsSlot) {
  const std::uint8_t* first = nullptr;
  {
    const SecretBytes secret = SecretBytes::Copy(Bytes(32, 0xAA));
    first = Reveal(secret).data();
  }
  const SecretBytes again(32);
  EXPECT_EQ(Reveal(again).data(), first) << "the pool reuses the last slot";
  EXPECT_EQ(ToBytes(Reveal(again)), Bytes(32, 0));
}

TEST(SecretBytes, MovesLeaveNothingBehind) {
  SecretBytes a = SecretBytes::Copy(Bytes{7});
  SecretBytes b = std::move(a);
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move): the claim.
  b = SecretBytes::Copy(Bytes{8, 9});
  EXPECT_EQ(b.size(), 2U);
}

TEST(SecretBytes, ComparesByContent) {
  EXPECT_TRUE(SecretBytes::Copy(Bytes{1}) == SecretBytes::Copy(Bytes{1}));
  EXPECT_FALSE(SecretBytes::Copy(Bytes{1}) == SecretBytes::Copy(Bytes{2}));
  EXPECT_TRUE(SecretBytes() == SecretBytes());
}

TEST(SecretBytes, SurvivesManyAndLargeOnes) {
  std::vector<SecretBytes> many;
  many.reserve(2000);
  for (int i = 0; i < 2000; ++i) many.emplace_back(48);
  const SecretBytes large = SecretBytes::Copy(Bytes(5000, 0x5A));
  EXPECT_EQ(ToBytes(Reveal(large.Clone())), Bytes(5000, 0x5A));
}

TEST(ProtectProcessMemory, CanBeCalledAgain) {
  EXPECT_THAT(ProtectProcessMemory(), testing::IsOk());
  EXPECT_THAT(ProtectProcessMemory(), testing::IsOk());
}

}  // namespace
}  // namespace limpid::base

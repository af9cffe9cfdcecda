#include "common/receipt/promise.h"

#include <cstddef>
#include <vector>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/fixtures.h"

namespace limpid::receipt {
namespace {

using limpid::testing::IsOk;

AccessPromise Example() {
  AccessPromise out;
  out.operator_name = "o";
  out.access.fill(1);
  out.commitment.fill(2);
  out.log_by = absl::FromUnixMillis(1'767'225'600'000);
  return out;
}

TEST(AccessPromise, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(base::HexEncode(Example().Encode()),
            "176c696d7069642f6163636573732d70726f6d6973652f31000000016f0101010"
            "10101010101010101010101010202020202020202020202020202020202020202"
            "0202020202020202020202020000019b76daa800");
  EXPECT_EQ(AccessPromise::Decode(Example().Encode()).value(), Example());
}

TEST(AccessPromise, EveryBitOfASignedPromiseCounts) {
  const auto key = consent::testing::KeyOf(1);
  const std::vector<base::Bytes> items = {Example().Encode(), {1}};
  const auto proofs =
      SignBatch(BatchKind::kReceipts, 1, Example().log_by, items, key);
  const base::Bytes good = SignedPromise(items[0], proofs[0]);
  ASSERT_THAT(VerifyPromise(good, key.PublicKey()), IsOk());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    base::Bytes bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_FALSE(VerifyPromise(bad, key.PublicKey()).ok()) << bit;
  }
  const auto permits =
      SignBatch(BatchKind::kPermits, 1, Example().log_by, items, key);
  EXPECT_FALSE(
      VerifyPromise(SignedPromise(items[0], permits[0]), key.PublicKey()).ok());
}

}  // namespace
}  // namespace limpid::receipt

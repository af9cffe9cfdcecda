#include "common/crypto/hash.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using base::AsBytes;
using base::HexEncode;

// FIPS 180-4 examples.
constexpr std::string_view kAbc =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr std::string_view kEmpty =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

TEST(Sha256, MatchesTheStandardInOneOrMoreParts) {
  EXPECT_EQ(HexEncode(Sha256(AsBytes("abc"))), kAbc);
  EXPECT_EQ(HexEncode(Sha256({AsBytes("a"), {}, AsBytes("bc")})), kAbc);
  EXPECT_EQ(HexEncode(Sha256(base::ByteView())), kEmpty);
}

TEST(Sha256Hasher, StartsAnewAfterFinishAndSurvivesOneShotCallsBetween) {
  Sha256Hasher hasher;
  hasher.Update(AsBytes("ab"));
  EXPECT_EQ(HexEncode(Sha256(base::ByteView())), kEmpty);
  hasher.Update(AsBytes("c"));
  EXPECT_EQ(HexEncode(hasher.Finish()), kAbc);
  Sha256Hasher moved = std::move(hasher);
  EXPECT_EQ(HexEncode(moved.Finish()), kEmpty);
}

TEST(HmacSha256, MatchesRfc4231) {
  EXPECT_EQ(HexEncode(HmacSha256(AsBytes("Jefe"), {AsBytes("what do ya want "),
                                                   AsBytes("for nothing?")})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  const base::Bytes long_key(131, 0xaa);
  EXPECT_EQ(HexEncode(HmacSha256(
                long_key, {AsBytes("Test Using Larger Than Block-Size Key - "
                                   "Hash Key First")})),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Blake2b256, MatchesThePublishedEmptyDigest) {
  // `b2sum -l 256 /dev/null`.
  EXPECT_EQ(HexEncode(Blake2b256({})),
            "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

TEST(KeyedBlake2b256, DependsOnEveryByteOfTheKeyAndNotOnTheSplit) {
  const auto key = base::SecretBytes::Copy(base::Bytes(32, 1));
  const auto other = base::SecretBytes::Copy(base::Bytes(32, 2));
  const auto digest = KeyedBlake2b256(key, {AsBytes("abc")});
  EXPECT_EQ(digest, KeyedBlake2b256(key, {AsBytes("ab"), AsBytes("c")}));
  EXPECT_NE(digest, KeyedBlake2b256(other, {AsBytes("abc")}));
  EXPECT_NE(digest, Blake2b256({AsBytes("abc")}));
}

TEST(HkdfSha256, MatchesRfc5869FirstCase) {
  const auto salt = *base::HexDecode("000102030405060708090a0b0c");
  const auto info = *base::HexDecode("f0f1f2f3f4f5f6f7f8f9");
  const auto out = HkdfSha256(base::Bytes(22, 0x0b), salt, info, 42);
  ASSERT_THAT(out, testing::IsOk());
  EXPECT_EQ(HexEncode(out->Reveal(base::SecretAccess::Get())),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
            "34007208d5b887185865");
}

TEST(HkdfSha256, GivesAtMost255Blocks) {
  EXPECT_THAT(HkdfSha256({}, {}, {}, kMaxHkdfBytes), testing::IsOk());
  EXPECT_THAT(HkdfSha256({}, {}, {}, kMaxHkdfBytes + 1),
              testing::StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::crypto

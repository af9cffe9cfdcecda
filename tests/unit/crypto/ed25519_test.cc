#include "common/crypto/ed25519.h"

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using base::AsBytes;
using base::HexDecode;
using base::HexEncode;
using base::SecretBytes;

Ed25519PrivateKey FromHexSeed(const char* hex) {
  return *Ed25519PrivateKey::FromSeed(SecretBytes::Copy(*HexDecode(hex)));
}

// RFC 8032 section 7.1, TEST 3.
TEST(Ed25519, MatchesRfc8032) {
  const auto key = FromHexSeed(
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  EXPECT_EQ(HexEncode(key.PublicKey().bytes),
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  EXPECT_EQ(HexEncode(key.Sign(*HexDecode("af82"))),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
}

TEST(Ed25519, RefusesEveryFlippedBit) {
  const auto key = Ed25519PrivateKey::Generate();
  const auto signature = key.Sign(AsBytes("message"));
  ASSERT_TRUE(key.PublicKey().Verify(AsBytes("message"), signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    auto bad = signature;
    bad.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(key.PublicKey().Verify(AsBytes("message"), bad)) << bit;
  }
  EXPECT_FALSE(key.PublicKey().Verify(AsBytes("messagf"), signature));
}

TEST(Ed25519, RefusesAnotherSignatureLength) {
  const auto key = Ed25519PrivateKey::Generate();
  base::Bytes signature = base::ToBytes(key.Sign({}));
  signature.push_back(0);
  EXPECT_FALSE(key.PublicKey().Verify({}, signature));
  signature.resize(63);
  EXPECT_FALSE(key.PublicKey().Verify({}, signature));
  EXPECT_FALSE(key.PublicKey().Verify({}, {}));
}

TEST(Ed25519, SeedAndCloneGiveTheSameKey) {
  const auto key = Ed25519PrivateKey::Generate();
  const auto again = Ed25519PrivateKey::FromSeed(key.Seed());
  ASSERT_THAT(again, testing::IsOk());
  EXPECT_EQ(again->PublicKey(), key.PublicKey());
  EXPECT_EQ(key.Clone().Sign(AsBytes("x")), key.Sign(AsBytes("x")));
}

TEST(Ed25519, RefusesOtherLengths) {
  EXPECT_THAT(Ed25519PrivateKey::FromSeed(SecretBytes(31)),
              testing::StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Ed25519PublicKey::FromBytes(base::Bytes(33)),
              testing::StatusIs(absl::StatusCode::kInvalidArgument));
}

// The identity point makes every message verify with R = S = 0 in a verifier
// that does not look.
TEST(Ed25519, RefusesTheKeyOfSmallOrder) {
  Ed25519PublicKey identity;
  identity.bytes[0] = 1;
  base::ByteArray<64> signature{};
  signature[0] = 1;
  EXPECT_FALSE(identity.Verify(AsBytes("any"), signature));
}

}  // namespace
}  // namespace limpid::crypto

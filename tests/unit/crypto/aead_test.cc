#include "common/crypto/aead.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using base::AsBytes;
using base::Bytes;
using base::SecretBytes;
using testing::IsOk;
using testing::StatusSays;

constexpr KeyId kName = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

SecretBytes Key(std::uint8_t fill) {
  return SecretBytes::Copy(Bytes(32, fill));
}

class StuckRandom final : public RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), std::uint8_t{7});
  }
};

class Envelope : public ::testing::TestWithParam<Suite> {
 protected:
  static void ExpectRefused(const SecretBytes& key, const KeyId& name,
                            base::ByteView aad, base::ByteView envelope) {
    EXPECT_THAT(Open(key, name, aad, envelope),
                StatusSays(absl::StatusCode::kDataLoss,
                           "the sealed bytes cannot be opened"));
    EXPECT_THAT(OpenSecret(key, name, aad, envelope),
                StatusSays(absl::StatusCode::kDataLoss,
                           "the sealed bytes cannot be opened"));
  }
};

INSTANTIATE_TEST_SUITE_P(Suites, Envelope,
                         ::testing::Values(Suite::kXChaCha20Poly1305,
                                           Suite::kAes256Gcm));

TEST_P(Envelope, OpensWhatItSealed) {
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 200U, 1U << 20U}) {
    const Bytes plaintext(size, 0x5a);
    const Bytes envelope =
        Seal(GetParam(), Key(1), kName, AsBytes("aad"), plaintext);
    EXPECT_EQ(envelope.size(), size + EnvelopeOverhead(GetParam()));
    const auto opened = Open(Key(1), kName, AsBytes("aad"), envelope);
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(*opened, plaintext);
  }
}

TEST_P(Envelope, FailsWithAnyBitFlipped) {
  const Bytes envelope =
      Seal(GetParam(), Key(1), kName, AsBytes("aad"), AsBytes("value"));
  for (std::size_t bit = 0; bit < envelope.size() * 8; ++bit) {
    Bytes bad = envelope;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ExpectRefused(Key(1), kName, AsBytes("aad"), bad);
  }
}

TEST_P(Envelope, FailsAtEveryOtherLength) {
  Bytes envelope = Seal(GetParam(), Key(1), kName, {}, AsBytes("value"));
  for (std::size_t size = 0; size < envelope.size(); ++size) {
    ExpectRefused(Key(1), kName, {}, base::ByteView(envelope).first(size));
  }
  envelope.push_back(0);
  ExpectRefused(Key(1), kName, {}, envelope);
}

TEST_P(Envelope, FailsUnderAnotherKeyNameOrAssociatedData) {
  const Bytes aad = {1, 2, 3, 4, 5, 6, 7, 8};
  const Bytes envelope = Seal(GetParam(), Key(1), kName, aad, AsBytes("v"));
  for (std::size_t bit = 0; bit < aad.size() * 8; ++bit) {
    Bytes bad = aad;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ExpectRefused(Key(1), kName, bad, envelope);
  }
  for (std::size_t bit = 0; bit < kName.size() * 8; ++bit) {
    KeyId bad = kName;
    bad.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
    ExpectRefused(Key(1), bad, aad, envelope);
  }
  ExpectRefused(Key(2), kName, aad, envelope);
  ExpectRefused(Key(1), kName, {}, envelope);
}

TEST_P(Envelope, WrapsAKeyInTheSameEnvelope) {
  const SecretBytes inner = RandomSecret(32);
  const Bytes envelope =
      SealSecret(GetParam(), Key(1), kName, AsBytes("wrap"), inner);
  EXPECT_EQ(envelope.size(), 32 + EnvelopeOverhead(GetParam()));
  const auto opened = OpenSecret(Key(1), kName, AsBytes("wrap"), envelope);
  ASSERT_THAT(opened, IsOk());
  EXPECT_TRUE(*opened == inner);
}

TEST_P(Envelope, NeverRepeatsANonceWhenRandomnessIsGood) {
  EXPECT_NE(Seal(GetParam(), Key(1), kName, {}, AsBytes("v")),
            Seal(GetParam(), Key(1), kName, {}, AsBytes("v")));
}

TEST_P(Envelope, RepeatedRandomnessRepeatsTheNonceForEqualMessagesOnly) {
  StuckRandom stuck;
  const auto nonce = [&](const char* aad, const char* text) {
    Bytes out =
        Seal(GetParam(), Key(1), kName, AsBytes(aad), AsBytes(text), stuck);
    out.resize(13);
    return out;
  };
  EXPECT_EQ(nonce("a", "v"), nonce("a", "v"));
  EXPECT_NE(nonce("a", "v"), nonce("a", "w"));
  EXPECT_NE(nonce("a", "v"), nonce("b", "v"));
}

TEST(ParseSuite, KnowsTwoNumbers) {
  EXPECT_EQ(*ParseSuite(1), Suite::kXChaCha20Poly1305);
  EXPECT_EQ(*ParseSuite(2), Suite::kAes256Gcm);
  for (const std::uint8_t number : Bytes{0, 3, 255}) {
    EXPECT_FALSE(ParseSuite(number).ok());
  }
  EXPECT_FALSE(SuiteOf({}).ok());
}

}  // namespace
}  // namespace limpid::crypto

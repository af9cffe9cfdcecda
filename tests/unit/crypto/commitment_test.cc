// Why the envelope commits: a ciphertext that AES-GCM opens under two keys,
// made here on purpose, opens as an envelope under one only. The craft is that
// of "Fast Message Franking" (Dodis and others, 2018), section 3.

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/wire.h"
#include "common/crypto/aead.h"
#include "common/crypto/hash.h"
#include "common/crypto/primitives.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using base::Bytes;
using base::ByteView;
using base::ByteWriter;
using base::Digest32;
using base::SecretBytes;

constexpr std::size_t kBlockBytes = 16;
constexpr KeyId kName = {9};
const Bytes kNonce(12, 3);

// An element of GCM's field, in its bit order (NIST SP 800-38D section 6.3).
struct Element {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static Element From(ByteView block) {
    base::ByteReader reader(block);
    const std::uint64_t high = reader.U64();
    return {high, reader.U64()};
  }
  [[nodiscard]] Bytes ToBytes() const {
    return ByteWriter().U64(high).U64(low).Take();
  }
  friend Element operator+(const Element& a, const Element& b) {
    return {a.high ^ b.high, a.low ^ b.low};
  }
  friend Element operator*(const Element& a, const Element& b) {
    Element product;
    Element shifted = b;
    for (unsigned bit = 0; bit < 128; ++bit) {
      const std::uint64_t word = bit < 64 ? a.high : a.low;
      if (((word >> (63 - bit % 64)) & 1U) != 0) product = product + shifted;
      const bool carry = (shifted.low & 1U) != 0;
      shifted.low = (shifted.low >> 1U) | (shifted.high << 63U);
      shifted.high >>= 1U;
      if (carry) shifted.high ^= std::uint64_t{0xE1} << 56U;
    }
    return product;
  }
  // To the power of 2^times.
  [[nodiscard]] Element Squared(unsigned times) const {
    Element out = *this;
    while (times-- > 0) out = out * out;
    return out;
  }
  [[nodiscard]] Element SquareRoot() const { return Squared(127); }
  // To the power of 2^128 - 2.
  [[nodiscard]] Element Inverse() const {
    Element out = Squared(1);
    for (unsigned i = 2; i < 128; ++i) out = out * Squared(i);
    return out;
  }
};

// The multiplicative one.
constexpr Element kOne = {std::uint64_t{1} << 63U, 0};

// The tag of nothing but `aad`.
Element TagOf(ByteView key, ByteView aad) {
  Bytes tag(kBlockBytes);
  primitives::Encrypt(Suite::kAes256Gcm, {key, kNonce, aad}, {}, tag);
  return Element::From(tag);
}

// GHASH's key: two tags that differ by H^2 times one.
Element HashKey(ByteView key) {
  const Element difference =
      TagOf(key, Bytes(kBlockBytes)) + TagOf(key, kOne.ToBytes());
  return difference.SquareRoot();
}

// Two ciphertext blocks and a tag that raw GCM opens under both keys: with the
// first block chosen, the tags are equal for one second block.
Bytes OpensUnderBoth(ByteView one, ByteView two) {
  const Element h1 = HashKey(one);
  const Element h2 = HashKey(two);
  const Element mask1 = TagOf(one, {});  // E(J0).
  const Element mask2 = TagOf(two, {});
  const Element first = {0x1122334455667788, 0x99AABBCCDDEEFF00};
  const Element lengths = {0, 2 * kBlockBytes * 8};  // No AAD, 256 bits.
  const Element sum = first * (h1 * h1 * h1 + h2 * h2 * h2) +
                      lengths * (h1 + h2) + mask1 + mask2;
  const Element second = sum * (h1 * h1 + h2 * h2).Inverse();
  const Element tag =
      first * h1 * h1 * h1 + second * h1 * h1 + lengths * h1 + mask1;
  return base::Concat({first.ToBytes(), second.ToBytes(), tag.ToBytes()});
}

// The derivation of docs/formats/envelope.md for suite 2.
struct DerivedKeys {
  explicit DerivedKeys(ByteView key) {
    const Bytes info =
        ByteWriter("limpid/envelope/keys/v1").U8(2).Raw(kName).Take();
    const Bytes counter_one = {1};
    const Bytes counter_two = {2};
    encryption = HmacSha256(key, {info, counter_one});
    commitment = HmacSha256(key, {encryption, info, counter_two});
  }
  [[nodiscard]] Digest32 Commit() const {
    return HmacSha256(commitment, {ByteWriter("limpid/envelope/commitment/v1")
                                       .U8(2)
                                       .Raw(kName)
                                       .Raw(kNonce)
                                       .Raw(Sha256(ByteView()))
                                       .bytes()});
  }

  Digest32 encryption{};
  Digest32 commitment{};
};

class Commitment : public ::testing::Test {
 protected:
  Bytes EnvelopeWith(const Digest32& commitment) {
    const Bytes suite = {2};
    return base::Concat({suite, kNonce, commitment, crafted_});
  }
  static bool Opens(const Bytes& key, const Bytes& envelope) {
    return Open(SecretBytes::Copy(key), kName, {}, envelope).ok();
  }

  const Bytes one_ = Bytes(32, 1);
  const Bytes two_ = Bytes(32, 2);
  const DerivedKeys derived_one_{one_};
  const DerivedKeys derived_two_{two_};
  const Bytes crafted_ =
      OpensUnderBoth(derived_one_.encryption, derived_two_.encryption);
};

TEST_F(Commitment, RawGcmOpensTheCraftedCiphertextUnderBothKeys) {
  std::array<Bytes, 2> plaintexts = {Bytes(32), Bytes(32)};
  EXPECT_TRUE(primitives::Decrypt(Suite::kAes256Gcm,
                                  {derived_one_.encryption, kNonce, {}},
                                  crafted_, plaintexts[0]));
  EXPECT_TRUE(primitives::Decrypt(Suite::kAes256Gcm,
                                  {derived_two_.encryption, kNonce, {}},
                                  crafted_, plaintexts[1]));
  EXPECT_NE(plaintexts[0], plaintexts[1]);
}

TEST_F(Commitment, AnEnvelopeOpensUnderTheKeyItCommitsToOnly) {
  const Bytes to_one = EnvelopeWith(derived_one_.Commit());
  EXPECT_TRUE(Opens(one_, to_one));
  EXPECT_FALSE(Opens(two_, to_one));
  const Bytes to_two = EnvelopeWith(derived_two_.Commit());
  EXPECT_FALSE(Opens(one_, to_two));
  EXPECT_TRUE(Opens(two_, to_two));
}

}  // namespace
}  // namespace limpid::crypto

// Wycheproof's authenticated encryption through our wrappers. Shapes we do not
// use (other key and nonce sizes) must be refused; each is counted.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/base/bytes.h"
#include "common/crypto/aead.h"
#include "common/crypto/primitives.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/vectors/vector_file.h"

namespace limpid::testing {
namespace {

using base::Bytes;
using crypto::Suite;

struct Counts {
  std::size_t opened = 0;
  std::size_t refused = 0;
  std::size_t other_shape = 0;
};

class AeadVectors {
 public:
  explicit AeadVectors(Suite suite) : suite_(suite) {}

  Counts Run(const json::Value& file) {
    ForEachCase(file, [&](const json::Value& group, const json::Value& test) {
      RunOne(group, test);
    });
    return counts_;
  }

 private:
  [[nodiscard]] bool Fits(const json::Value& group) const {
    const auto nonce_bits = crypto::primitives::NonceBytes(suite_) * 8;
    return *group.GetInteger("keySize") == 256 &&
           *group.GetInteger("tagSize") == 128 &&
           *group.GetInteger("ivSize") == static_cast<std::int64_t>(nonce_bits);
  }

  void RunOne(const json::Value& group, const json::Value& test) {
    const Bytes key = Hex(test, "key");
    const Bytes nonce = Hex(test, "iv");
    const Bytes aad = Hex(test, "aad");
    const Bytes message = Hex(test, "msg");
    const Bytes sealed = base::Concat({Hex(test, "ct"), Hex(test, "tag")});
    // Cases of other shapes may have neither ciphertext nor tag.
    Bytes opened(
        sealed.size() - std::min(sealed.size(), crypto::primitives::kTagBytes),
        0xEE);
    const crypto::primitives::AeadInput input = {key, nonce, aad};
    const bool good =
        crypto::primitives::Decrypt(suite_, input, sealed, opened);
    if (!Fits(group)) {
      EXPECT_FALSE(good);
      ++counts_.other_shape;
      return;
    }
    EXPECT_EQ(good, IsValid(test));
    if (!good) {
      EXPECT_EQ(opened, Bytes(opened.size())) << "unauthenticated bytes stay";
      ++counts_.refused;
      return;
    }
    EXPECT_EQ(opened, message);
    Bytes again(sealed.size());
    crypto::primitives::Encrypt(suite_, input, message, again);
    EXPECT_EQ(again, sealed);
    ++counts_.opened;
  }

  Suite suite_;
  Counts counts_;
};

TEST(Wycheproof, Aes256Gcm) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/wycheproof/aes_gcm_test.json");
  const Counts counts = AeadVectors(Suite::kAes256Gcm).Run(ReadVectors(path));
  EXPECT_EQ(counts.opened + counts.refused, 66U);
  EXPECT_EQ(counts.opened, 39U);
  EXPECT_EQ(counts.other_shape, 250U);
}

TEST(Wycheproof, XChaCha20Poly1305) {
  LIMPID_SHARED_OR_SKIP(path,
                        "vectors/wycheproof/xchacha20_poly1305_test.json");
  const Counts counts =
      AeadVectors(Suite::kXChaCha20Poly1305).Run(ReadVectors(path));
  EXPECT_EQ(counts.opened + counts.refused, 306U);
  EXPECT_EQ(counts.opened, 246U);
  EXPECT_EQ(counts.other_shape, 9U);
}

}  // namespace
}  // namespace limpid::testing

// Wycheproof's HMAC and HKDF with SHA-256 through our wrappers.

#include <cstddef>

#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/hash.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/vectors/vector_file.h"

namespace limpid::testing {
namespace {

using base::Bytes;

TEST(Wycheproof, HmacSha256) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/wycheproof/hmac_sha256_test.json");
  std::size_t full = 0;
  std::size_t truncated = 0;
  ForEachCase(ReadVectors(path), [&](const json::Value& group,
                                     const json::Value& test) {
    const auto mac = crypto::HmacSha256(Hex(test, "key"), {Hex(test, "msg")});
    const bool good = base::ConstantTimeEqual(mac, Hex(test, "tag"));
    if (*group.GetInteger("tagSize") == 256) {
      EXPECT_EQ(good, IsValid(test));
      ++full;
    } else {
      // We never cut a tag short and never take a short one.
      EXPECT_FALSE(good);
      ++truncated;
    }
  });
  EXPECT_EQ(full, 87U);
  EXPECT_EQ(truncated, 87U);
}

TEST(Wycheproof, HkdfSha256) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/wycheproof/hkdf_sha256_test.json");
  const std::size_t count = ForEachCase(
      ReadVectors(path), [](const json::Value&, const json::Value& test) {
        const auto size = static_cast<std::size_t>(*test.GetInteger("size"));
        const auto out = crypto::HkdfSha256(Hex(test, "ikm"), Hex(test, "salt"),
                                            Hex(test, "info"), size);
        EXPECT_EQ(out.ok(), IsValid(test));
        if (!out.ok()) return;
        EXPECT_EQ(base::ToBytes(out->Reveal(base::SecretAccess::Get())),
                  Hex(test, "okm"));
      });
  EXPECT_EQ(count, 86U);
}

}  // namespace
}  // namespace limpid::testing

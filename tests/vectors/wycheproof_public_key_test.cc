// Wycheproof's Ed25519, ECDSA P-256 and X25519 through our wrappers.

#include <cstddef>

#include "common/base/bytes.h"
#include "common/crypto/ed25519.h"
#include "common/crypto/es256.h"
#include "common/crypto/primitives.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"
#include "tests/vectors/vector_file.h"

namespace limpid::testing {
namespace {

TEST(Wycheproof, Ed25519) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/wycheproof/ed25519_test.json");
  const std::size_t count = ForEachCase(
      ReadVectors(path), [](const json::Value& group, const json::Value& test) {
        const auto key = crypto::Ed25519PublicKey::FromBytes(
            Hex(*group.Find("publicKey"), "pk"));
        ASSERT_THAT(key, IsOk());
        EXPECT_EQ(key->Verify(Hex(test, "msg"), Hex(test, "sig")),
                  IsValid(test));
      });
  EXPECT_EQ(count, 151U);
}

// Signatures in this file are DER.
TEST(Wycheproof, EcdsaP256Sha256) {
  LIMPID_SHARED_OR_SKIP(path,
                        "vectors/wycheproof/ecdsa_secp256r1_sha256_test.json");
  const std::size_t count = ForEachCase(
      ReadVectors(path), [](const json::Value& group, const json::Value& test) {
        const auto key =
            crypto::Es256PublicKey::FromSpki(Hex(group, "publicKeyDer"));
        ASSERT_THAT(key, IsOk());
        EXPECT_EQ(key->VerifyDer(Hex(test, "msg"), Hex(test, "sig")),
                  IsValid(test));
      });
  EXPECT_EQ(count, 484U);
}

// "acceptable" means that a library may refuse. Ours refuses exactly the
// points that give an all-zero secret.
TEST(Wycheproof, X25519) {
  LIMPID_SHARED_OR_SKIP(path, "vectors/wycheproof/x25519_test.json");
  std::size_t refused = 0;
  const std::size_t count = ForEachCase(
      ReadVectors(path), [&](const json::Value&, const json::Value& test) {
        base::ByteArray<32> shared{};
        const bool good = crypto::primitives::X25519(
            *base::ToArray<32>(Hex(test, "private")),
            *base::ToArray<32>(Hex(test, "public")), shared);
        EXPECT_EQ(good, !HasFlag(test, "ZeroSharedSecret"));
        EXPECT_EQ(base::ToBytes(shared), Hex(test, "shared"));
        if (!good) ++refused;
      });
  EXPECT_EQ(count, 518U);
  EXPECT_EQ(refused, 31U);
}

}  // namespace
}  // namespace limpid::testing

// The statement that erases an entry.

#include "common/receipt/erasure.h"

#include <string>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/base/text.h"
#include "common/base/wire.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::receipt {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;

crypto::Ed25519PrivateKey Key(std::uint8_t byte) {
  base::ByteArray<32> seed{};
  seed.fill(byte);
  return crypto::Ed25519PrivateKey::FromSeed(base::SecretBytes::Copy(seed))
      .value();
}

ErasureRequest Request() {
  ErasureRequest out;
  out.commitment.fill(2);
  out.nonce.fill(3);
  out.operator_name = "o";
  out.person = "per_1";
  out.sequence = 7;
  out.time = absl::FromUnixMillis(1'767'225'600'000);
  return out;
}

TEST(EntryErasure, WorkedExampleOfTheFormatPage) {
  EXPECT_EQ(
      Request().Canonical(),
      R"({"action":"erase-entry","commitment":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI","nonce":"AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM","operator":"o","person":"per_1","sequence":7,"time":"2026-01-01T00:00:00.000Z"})");
  const auto parsed = ErasureRequest::Parse(Request().Canonical());
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(*parsed, Request());
  EXPECT_EQ(base::HexEncode(ErasureSigningInput("{}")),
            "14"
            "6c696d7069642f65726173652d656e7472792f31"
            "00000002"
            "7b7d");
}

TEST(EntryErasure, CoversItsEntryAndNoOther) {
  const crypto::Ed25519PrivateKey key = Key(1);
  const SignedErasure erasure = SignErasure(Request(), key);
  const base::Digest32 commitment = Request().commitment;
  EXPECT_TRUE(ErasureCovers(erasure, key.PublicKey(), 7, commitment));
  EXPECT_FALSE(ErasureCovers(erasure, key.PublicKey(), 8, commitment));
  EXPECT_FALSE(ErasureCovers(erasure, key.PublicKey(), 7, {}));
  EXPECT_FALSE(ErasureCovers(erasure, Key(2).PublicKey(), 7, commitment));
  SignedErasure changed = erasure;
  changed.canonical_json[changed.canonical_json.find("\"o\"") + 1] = 'p';
  EXPECT_FALSE(ErasureCovers(changed, key.PublicKey(), 7, commitment));
}

TEST(EntryErasure, MembersMissingUnknownOrMalformedAreRefused) {
  const std::string text = Request().Canonical();
  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    out.replace(out.find(from), from.size(), to);
    return ErasureRequest::Parse(out).status();
  };
  const auto refused = StatusIs(absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(replaced("erase-entry", "erase-other"), refused);
  EXPECT_THAT(replaced("\"sequence\":7", "\"sequence\":0"), refused);
  EXPECT_THAT(replaced("\"sequence\":7", "\"sequence\":-7"), refused);
  EXPECT_THAT(replaced("\"sequence\":7,", ""), refused);
  EXPECT_THAT(replaced("\"operator\"", "\"operatox\""), refused);
  EXPECT_THAT(replaced("AgICAgI", "AgICAg"), refused);
  EXPECT_THAT(replaced("{\"action\"", "{ \"action\""), refused);
}

}  // namespace
}  // namespace limpid::receipt

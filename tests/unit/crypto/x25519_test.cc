#include "common/crypto/x25519.h"

#include <cstddef>
#include <cstdint>

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
using testing::StatusIs;

// RFC 7748 section 6.1, Alice's key pair.
TEST(X25519, MatchesRfc7748) {
  const auto key = X25519PrivateKey::FromBytes(SecretBytes::Copy(
      *base::HexDecode("77076d0a7318a57d3c16c17251b26645df4c2f87ebc099"
                       "2ab177fba51db92c2a")));
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(base::HexEncode(key->PublicKey().bytes),
            "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
}

TEST(SealedBox, OpensForTheHolderOnly) {
  const auto key = X25519PrivateKey::Generate();
  const auto sealed = key.PublicKey().Seal(AsBytes("value"));
  ASSERT_THAT(sealed, IsOk());
  EXPECT_EQ(sealed->size(), 5 + kSealedBoxOverhead);
  const auto opened = key.Open(*sealed);
  ASSERT_THAT(opened, IsOk());
  EXPECT_EQ(base::ToText(opened->Reveal(base::SecretAccess::Get())), "value");
  EXPECT_THAT(X25519PrivateKey::Generate().Open(*sealed),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(SealedBox, FailsWithAnyBitFlippedOrByteMissing) {
  const auto key = X25519PrivateKey::Generate();
  const Bytes sealed = *key.PublicKey().Seal(AsBytes("v"));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Bytes bad = sealed;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_THAT(key.Open(bad), StatusIs(absl::StatusCode::kDataLoss));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_THAT(key.Open(base::ByteView(sealed).first(size)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(SealedBox, IsNotMadeForAKeyOfSmallOrder) {
  EXPECT_THAT(X25519PublicKey().Seal(AsBytes("v")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(X25519, RefusesOtherLengths) {
  EXPECT_THAT(X25519PublicKey::FromBytes(Bytes(31)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(X25519PrivateKey::FromBytes(SecretBytes(33)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::crypto

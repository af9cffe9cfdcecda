#include "common/crypto/es256.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto {
namespace {

using base::AsBytes;
using base::Base64UrlDecode;
using base::Bytes;
using base::SecretBytes;
using testing::StatusIs;

// RFC 7515 appendix A.3.
constexpr std::string_view kX = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
constexpr std::string_view kY = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
constexpr std::string_view kSigned =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
constexpr std::string_view kSignature =
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA"
    "pmWQxfKTUJqPP3-Kg6NU1Q";

Es256Coordinate Coordinate(std::string_view text) {
  return *base::ToArray<32>(*Base64UrlDecode(text));
}

TEST(Es256, VerifiesRfc7515AppendixA3) {
  const auto key =
      Es256PublicKey::FromCoordinates(Coordinate(kX), Coordinate(kY));
  ASSERT_THAT(key, testing::IsOk());
  EXPECT_TRUE(key->Verify(AsBytes(kSigned), *Base64UrlDecode(kSignature)));
  EXPECT_FALSE(key->Verify(AsBytes("other"), *Base64UrlDecode(kSignature)));
}

TEST(Es256, RefusesAPointThatIsNotOnTheCurve) {
  Es256Coordinate y = Coordinate(kY);
  y.back() ^= 1U;
  EXPECT_THAT(Es256PublicKey::FromCoordinates(Coordinate(kX), y),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Es256PublicKey::FromCoordinates({}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Es256, RefusesEveryFlippedBitAndOtherLength) {
  const auto key = Es256PrivateKey::Generate();
  const auto signature = key.Sign(AsBytes("m"));
  ASSERT_TRUE(key.PublicKey().Verify(AsBytes("m"), signature));
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    auto bad = signature;
    bad.at(bit / 8) ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_FALSE(key.PublicKey().Verify(AsBytes("m"), bad)) << bit;
  }
  Bytes longer = base::ToBytes(signature);
  longer.push_back(0);
  EXPECT_FALSE(key.PublicKey().Verify(AsBytes("m"), longer));
  EXPECT_FALSE(key.PublicKey().Verify(AsBytes("m"), {}));
  EXPECT_FALSE(key.PublicKey().Verify(AsBytes("m"), Es256Signature{}));
}

TEST(Es256, PemGivesTheSameKey) {
  const auto key = Es256PrivateKey::Generate();
  const auto again = Es256PrivateKey::FromPem(key.Pem());
  ASSERT_THAT(again, testing::IsOk());
  EXPECT_TRUE(key.PublicKey().Verify(AsBytes("m"), again->Sign(AsBytes("m"))));
  EXPECT_EQ(again->PublicKey().x(), key.PublicKey().x());
}

TEST(Es256, RefusesPemThatIsNoKey) {
  EXPECT_THAT(Es256PrivateKey::FromPem(SecretBytes::Copy(AsBytes("nonsense"))),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Es256PrivateKey::FromPem({}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Es256, RefusesSpkiOfOtherKindsAndTrailingBytes) {
  // An Ed25519 SubjectPublicKeyInfo (RFC 8410 section 10.1).
  const Bytes ed25519 = *base::HexDecode(
      "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb"
      "0c5c38ad703166e1");
  EXPECT_THAT(Es256PublicKey::FromSpki(ed25519),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(Es256PublicKey::FromSpki({}),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::crypto

#include "common/jose/jwk.h"

#include <string_view>

#include "absl/status/status.h"
#include "common/base/bytes.h"
#include "common/crypto/es256.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/jose/rfc8037.h"

namespace limpid::jose {
namespace {

using testing::IsOk;
using testing::StatusIs;

absl::StatusOr<PublicJwk> ParseText(std::string_view text) {
  return PublicJwk::Parse(*json::ParseStrict(text));
}

// RFC 8037 appendix A.1 and A.2.
TEST(PublicJwk, MatchesRfc8037A1AndA2) {
  const auto jwk = ParseText(
      R"({"kty":"OKP","crv":"Ed25519",
          "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
  ASSERT_THAT(jwk, IsOk());
  ASSERT_NE(jwk->ed25519(), nullptr);
  EXPECT_EQ(*jwk->ed25519(), Rfc8037Key().PublicKey());
  EXPECT_EQ(base::Base64UrlEncode(jwk->ed25519()->bytes), kRfc8037X);
  EXPECT_EQ(jwk->algorithm(), "EdDSA");
}

TEST(PublicJwk, ThumbprintMatchesRfc8037A3) {
  EXPECT_EQ(PublicJwk(Rfc8037Key().PublicKey()).Thumbprint(),
            kRfc8037Thumbprint);
}

// The P-256 key of RFC 7517 appendix A.1, its thumbprint by Python's hashlib.
constexpr std::string_view kEc =
    R"({"kty":"EC","crv":"P-256",
        "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
        "y":"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"})";

TEST(PublicJwk, TakesTheP256KeyOfRfc7517) {
  const auto jwk = ParseText(kEc);
  ASSERT_THAT(jwk, IsOk());
  EXPECT_EQ(jwk->ed25519(), nullptr);
  EXPECT_EQ(jwk->algorithm(), "ES256");
  EXPECT_EQ(jwk->Thumbprint(), "cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s");
  EXPECT_EQ(jwk->ToJson(), *json::ParseStrict(kEc));
}

TEST(PublicJwk, RefusesEverythingElse) {
  for (const std::string_view bad : {
           R"({})",
           R"([])",
           R"({"kty":"RSA","n":"AQ","e":"AQAB"})",
           R"({"kty":"oct","k":"AQ"})",
           // Another curve of the same kind.
           R"({"kty":"OKP","crv":"X25519",
               "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
           // A private key.
           R"({"kty":"OKP","crv":"Ed25519",
               "d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
               "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
           // A member that is not ours.
           R"({"kty":"OKP","crv":"Ed25519","use":"sig",
               "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
           // Unused bits set, padding, a short value, no text.
           R"({"kty":"OKP","crv":"Ed25519",
               "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURp"})",
           R"({"kty":"OKP","crv":"Ed25519",
               "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="})",
           R"({"kty":"OKP","crv":"Ed25519","x":"11qY"})",
           R"({"kty":"OKP","crv":"Ed25519","x":7})",
           // Not on the curve.
           R"({"kty":"EC","crv":"P-256",
               "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
               "y":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"})",
           R"({"kty":"EC","crv":"P-256",
               "x":"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4"})",
       }) {
    EXPECT_THAT(ParseText(bad), StatusIs(absl::StatusCode::kInvalidArgument))
        << bad;
  }
}

}  // namespace
}  // namespace limpid::jose

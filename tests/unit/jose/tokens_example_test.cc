// The worked example of docs/formats/tokens.md, read from the page itself.

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/ed25519.h"
#include "common/jose/jwk.h"
#include "common/jose/tokens.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::jose {
namespace {

// The text of the line "name = text" of the page.
std::string Example(std::string_view name) {
  const char* const root = std::getenv("LIMPID_SOURCE_DIR");
  const auto page = std::filesystem::path(root == nullptr ? "." : root) /
                    "docs/formats/tokens.md";
  const std::string text = testing::ReadFile(page);
  std::istringstream lines(text.substr(text.find("## Worked example")));
  for (std::string line; std::getline(lines, line);) {
    const auto equals = line.find(" = ");
    if (equals == std::string::npos) continue;
    const std::string left = line.substr(0, line.find(' '));
    if (left == name) return line.substr(equals + 3);
  }
  ADD_FAILURE() << "no example named " << name;
  return "";
}

TEST(TokensExample, IsWhatMintMakesAndVerifyTakes) {
  const auto key = *crypto::Ed25519PrivateKey::FromSeed(
      base::SecretBytes::Copy(*base::HexDecode(Example("seed"))));
  const PublicJwk jwk(key.PublicKey());
  const absl::Time issued = absl::FromUnixMillis(1'767'225'600'250);
  KeyBoundToken token;
  token.audience = Example("aud");
  token.method = Example("mth");
  token.id = *base::ToArray<16>(*base::HexDecode(Example("jti")));
  token.issued_at = issued;
  token.expires_at = issued + absl::Seconds(60);
  EXPECT_EQ(jwk.Thumbprint(), Example("kid"));
  EXPECT_EQ(Mint(key, token), Example("token"));
  const auto verified = VerifyKeyBoundToken(
      Example("token"), jwk, {token.audience, token.method, issued});
  ASSERT_THAT(verified, testing::IsOk());
  EXPECT_EQ(verified->id, token.id);
  EXPECT_EQ(verified->issued_at, issued);
}

}  // namespace
}  // namespace limpid::jose

#include "vault/gate/holder_token.h"

#include <string>

#include "absl/status/status.h"
#include "common/jose/tokens.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/vault/vault_world.h"

namespace limpid::vault {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

constexpr char kMethod[] = "/limpid.vault.v1.PersonVaultService/GetAttribute";

class HolderTokenTest : public ::testing::Test {
 protected:
  HolderTokenTest() { clock_.Advance(absl::Minutes(10)); }

  [[nodiscard]] std::string Token(const crypto::Ed25519PrivateKey& issuer,
                                  const SourceId& source) const {
    return jose::Mint(
        issuer,
        jose::SourceToken{source.Text(), holder_.Text(),
                          jose::PublicJwk(person_.PublicKey()), clock_.Now(),
                          clock_.Now() + absl::Minutes(5)});
  }
  [[nodiscard]] std::string Token() const {
    return Token(consent_, ExampleIdentity().source);
  }
  [[nodiscard]] std::string Proof(const std::string& token) const {
    return jose::Mint(person_, jose::NewProof(ExampleIdentity().source.Text(),
                                              kMethod, token, clock_.Now()));
  }

  testing::FakeClock clock_;
  const crypto::Ed25519PrivateKey consent_ =
      crypto::Ed25519PrivateKey::Generate();
  const crypto::Ed25519PrivateKey person_ =
      crypto::Ed25519PrivateKey::Generate();
  const HolderId holder_ = HolderId::Random();
  HolderVerifier verifier_{ExampleIdentity().source, consent_.PublicKey(),
                           clock_};
  const ::testing::Matcher<const absl::StatusOr<PersonCaller>&> refused_ =
      StatusIs(absl::StatusCode::kUnauthenticated);
};

TEST_F(HolderTokenTest, KnowsTheHolderAndHerKey) {
  const std::string token = Token();
  const auto person = verifier_.Verify(token, Proof(token), kMethod);
  ASSERT_THAT(person, IsOk());
  EXPECT_EQ(person->holder, holder_);
  EXPECT_EQ(person->key, person_.PublicKey());
  // A token serves many calls, a proof one.
  EXPECT_THAT(verifier_.Verify(token, Proof(token), kMethod), IsOk());
}

TEST_F(HolderTokenTest, AProofServesOneCall) {
  const std::string token = Token();
  const std::string proof = Proof(token);
  ASSERT_THAT(verifier_.Verify(token, proof, kMethod), IsOk());
  EXPECT_THAT(verifier_.Verify(token, proof, kMethod), refused_);
}

TEST_F(HolderTokenTest, RefusesForeignPairs) {
  const std::string token = Token();
  EXPECT_THAT(verifier_.Verify(token, "", kMethod), refused_);
  EXPECT_THAT(verifier_.Verify("", Proof(token), kMethod), refused_);
  EXPECT_THAT(verifier_.Verify(token, Proof(token), "/other/Method"), refused_);
  const std::string self_made = Token(person_, ExampleIdentity().source);
  EXPECT_THAT(verifier_.Verify(self_made, Proof(self_made), kMethod), refused_);
  const std::string elsewhere = Token(consent_, SourceId(Counting<16>(1)));
  EXPECT_THAT(verifier_.Verify(elsewhere, Proof(elsewhere), kMethod), refused_);
  const std::string stolen =
      jose::Mint(crypto::Ed25519PrivateKey::Generate(),
                 jose::NewProof(ExampleIdentity().source.Text(), kMethod, token,
                                clock_.Now()));
  EXPECT_THAT(verifier_.Verify(token, stolen, kMethod), refused_);
  clock_.Advance(absl::Seconds(1));
  const std::string other = Token();
  EXPECT_THAT(verifier_.Verify(token, Proof(other), kMethod), refused_);
}

TEST_F(HolderTokenTest, RefusesOutlivedTokensAndProofs) {
  const std::string token = Token();
  const std::string proof = Proof(token);
  clock_.Advance(absl::Minutes(2));
  EXPECT_THAT(verifier_.Verify(token, proof, kMethod), refused_);
  clock_.Advance(absl::Minutes(4));
  EXPECT_THAT(verifier_.Verify(token, Proof(token), kMethod), refused_);
}

TEST_F(HolderTokenTest, RefusesProofsFromBeforeItsStart) {
  const std::string token = Token();
  const std::string proof = Proof(token);
  clock_.Advance(absl::Seconds(1));
  HolderVerifier restarted(ExampleIdentity().source, consent_.PublicKey(),
                           clock_);
  EXPECT_THAT(restarted.Verify(token, proof, kMethod), refused_);
  EXPECT_THAT(restarted.Verify(token, Proof(token), kMethod), IsOk());
}

}  // namespace
}  // namespace limpid::vault

// Who a person's token speaks for, and the tokens with which she goes to a
// source.

#include "common/jose/tokens.h"

#include <string>

#include "absl/status/status.h"
#include "common/jose/jwk.h"
#include "consent/identity/person_tokens.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/consent/world.h"

namespace limpid::consent {
namespace {

using limpid::testing::IsOk;
using limpid::testing::StatusIs;
using testing::Citizen;
using testing::World;

constexpr std::string_view kMethod =
    "/limpid.consent.v1.PersonConsentService/GetRecord";

class PersonTokensTest : public ::testing::Test {
 protected:
  std::string TokenBy(const crypto::Ed25519PrivateKey& key,
                      std::string_view audience = "limpid.example",
                      std::string_view method = kMethod) {
    return jose::Mint(
        key, jose::NewKeyBoundToken(audience, method, world_.clock().Now()));
  }

  testing::MemoryStores stores_;
  World world_{stores_};
  Citizen ann_ = world_.NewCitizen(1);
  PersonTokens tokens_{world_.consent(), world_.clock()};
};

TEST_F(PersonTokensTest, SpeakForTheAccountOfTheirKeyOnce) {
  const std::string token = TokenBy(ann_.key);
  const auto person = tokens_.Authenticate(token, kMethod);
  ASSERT_THAT(person, IsOk());
  EXPECT_EQ(*person, ann_.id);
  EXPECT_THAT(tokens_.Authenticate(token, kMethod),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(PersonTokensTest, RefuseAnythingElseInTheSameWords) {
  const std::string old = TokenBy(ann_.key);
  world_.clock().Advance(absl::Minutes(3));
  std::string forged = TokenBy(ann_.key);
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  const std::string cases[] = {
      "",
      "nonsense",
      old,
      forged,
      TokenBy(testing::KeyOf(9)),
      TokenBy(ann_.key, "other.example"),
      TokenBy(ann_.key, "limpid.example", "/another/Method"),
  };
  for (const std::string& token : cases) {
    const auto refused = tokens_.Authenticate(token, kMethod);
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kUnauthenticated));
    EXPECT_EQ(refused.status().message(),
              tokens_.Authenticate("", kMethod).status().message());
  }
}

TEST_F(PersonTokensTest, RefuseWhatAnEarlierProcessMayHaveSeen) {
  const std::string token = TokenBy(ann_.key);
  world_.clock().Advance(absl::Seconds(2));
  PersonTokens later(world_.consent(), world_.clock());
  EXPECT_THAT(later.Authenticate(token, kMethod),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

// Where the promise ends: the clock of the device decides, and the memory of
// what was used goes with the process.
TEST_F(PersonTokensTest, OneOfAFastDeviceIsGoodOnceMoreAfterAStart) {
  const absl::Time fast = world_.clock().Now() + jose::kMaxClockSkew;
  const std::string token = jose::Mint(
      ann_.key, jose::NewKeyBoundToken("limpid.example", kMethod, fast));
  ASSERT_THAT(tokens_.Authenticate(token, kMethod), IsOk());
  world_.clock().Advance(jose::kMaxClockSkew);
  {
    PersonTokens later(world_.consent(), world_.clock());
    EXPECT_THAT(later.Authenticate(token, kMethod), IsOk());
    EXPECT_THAT(later.Authenticate(token, kMethod),
                StatusIs(absl::StatusCode::kUnauthenticated));
  }
  // The device is no longer ahead of what began the process.
  world_.clock().Advance(absl::Milliseconds(1));
  PersonTokens latest(world_.consent(), world_.clock());
  EXPECT_THAT(latest.Authenticate(token, kMethod),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(PersonTokensTest, ProvePossessionOfANewKey) {
  const auto key = testing::KeyOf(5);
  EXPECT_THAT(tokens_.VerifyPossession(TokenBy(key), kMethod, key.PublicKey()),
              IsOk());
  EXPECT_THAT(tokens_.VerifyPossession(TokenBy(key), kMethod,
                                       testing::KeyOf(6).PublicKey()),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST_F(PersonTokensTest, SourceTokensNameTheHolderAndTheKeyOfThePerson) {
  const auto token = world_.consent().IssueSourceToken(ann_.id, World::vault());
  ASSERT_THAT(token, IsOk());
  jose::Expected expected;
  const std::string audience = World::vault().Text();
  expected.audience = audience;
  expected.now = world_.clock().Now();
  const auto verified = jose::VerifySourceToken(
      token->token, jose::PublicJwk(world_.consent().token_key()), expected);
  ASSERT_THAT(verified, IsOk());
  EXPECT_EQ(verified->holder, world_.consent()
                                  .GetAccount(ann_.id)
                                  ->account.HolderAt(World::vault())
                                  ->Text());
  EXPECT_EQ(verified->key.Thumbprint(), KeyIdOf(ann_.key.PublicKey()));
  EXPECT_THAT(
      world_.consent().IssueSourceToken(ann_.id, testing::IdOf<SourceId>(99)),
      StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(
      world_.consent().IssueSourceToken(PersonId::Random(), World::vault()),
      StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(PersonTokensTest, ASourceThatCameLaterIsLinkedAtTheFirstToken) {
  world_.AddSource({testing::IdOf<SourceId>(8), "Register office", ""});
  world_.Restart();
  const auto sources = world_.consent().ListSources(ann_.id);
  ASSERT_THAT(sources, IsOk());
  ASSERT_EQ(sources->size(), 2U);
  EXPECT_TRUE((*sources)[0].linked);
  EXPECT_FALSE((*sources)[1].linked);
  ASSERT_THAT(
      world_.consent().IssueSourceToken(ann_.id, testing::IdOf<SourceId>(8)),
      IsOk());
  const auto account = world_.consent().GetAccount(ann_.id)->account;
  EXPECT_NE(account.HolderAt(testing::IdOf<SourceId>(8)),
            account.HolderAt(World::vault()));
  world_.Restart();
  EXPECT_EQ(world_.consent().GetAccount(ann_.id)->account, account);
}

}  // namespace
}  // namespace limpid::consent

// Consent facts in the register: each month of an operator once, found again,
// and nothing lost or twice when the process dies in between.

#include "algoregister/bridge/consent_facts.h"

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "algoregister/registration/register.h"
#include "common/receipt/consent_facts.h"
#include "gtest/gtest.h"
#include "tests/testing/service_key_chain.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/algoregister/fixture.h"

namespace limpid::algoregister {
namespace {

using testing::IsOk;
using testing::SeededKey;
using testing::StatusIs;

class ConsentFactsPublished : public ::testing::Test {
 protected:
  static base::Bytes Entry(std::uint8_t signer, absl::CivilMonth month,
                           std::uint64_t persons = 10) {
    receipt::ConsentFactsEntry out;
    out.time = absl::FromUnixSeconds(1'767'225'600);
    out.facts.month = month;
    receipt::SnapshotFacts one;
    one.persons = persons;
    out.facts.snapshots = {one};
    return receipt::SignConsentFacts(out, SeededKey(signer));
  }
  absl::StatusOr<std::uint64_t> Publish(const base::Bytes& entry) {
    const std::vector<crypto::Ed25519PublicKey> operators = {
        SeededKey(1).PublicKey(), SeededKey(2).PublicKey()};
    return house_.target.PublishConsentFacts(operators, entry);
  }
  // The entry that is found; empty for none.
  base::Bytes Found(std::uint8_t signer,
                    std::optional<absl::CivilMonth> month) {
    const auto found = FindConsentFacts(house_.parts.service_keys,
                                        SeededKey(signer).PublicKey(), month);
    EXPECT_THAT(found, IsOk());
    return found.ok() && *found ? (*found)->entry : base::Bytes();
  }

  RegisterHouse house_;
  const absl::CivilMonth may_ = absl::CivilMonth(2027, 5);
};

TEST_F(ConsentFactsPublished, AMonthOfAnOperatorIsThereOnceAndStays) {
  const std::uint64_t before = house_.log.entries.size();
  EXPECT_EQ(Publish(Entry(1, may_)).value(), before);
  EXPECT_EQ(Publish(Entry(1, may_)).value(), before);
  EXPECT_THAT(Publish(Entry(1, may_, 20)),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_THAT(Publish(Entry(1, may_ - 1)),
              StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(Publish(Entry(2, may_, 20)).value(), before + 1);
  EXPECT_EQ(house_.log.entries.size(), before + 2);
  EXPECT_EQ(house_.log.entries[before], Entry(1, may_));
  EXPECT_EQ(Found(1, may_), Entry(1, may_));
  EXPECT_EQ(Found(2, std::nullopt), Entry(2, may_, 20));
}

TEST_F(ConsentFactsPublished, OfAStrangerOrDamagedAreRefused) {
  EXPECT_THAT(Publish(Entry(3, may_)),
              StatusIs(absl::StatusCode::kInvalidArgument));
  base::Bytes bad = Entry(1, may_);
  bad.back() ^= 1U;
  EXPECT_THAT(Publish(bad), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ConsentFactsPublished, EveryMonthIsFoundAmongMany) {
  EXPECT_TRUE(Found(1, std::nullopt).empty());
  // Every second month, so that those between have none.
  for (int i = 0; i < 23; ++i) {
    ASSERT_THAT(Publish(Entry(1, may_ + 2 * i)), IsOk());
    EXPECT_EQ(Found(1, std::nullopt), Entry(1, may_ + 2 * i));
  }
  for (int i = 0; i < 23; ++i) {
    EXPECT_EQ(Found(1, may_ + 2 * i), Entry(1, may_ + 2 * i)) << i;
    EXPECT_TRUE(Found(1, may_ + 2 * i + 1).empty()) << i;
  }
  EXPECT_TRUE(Found(1, may_ - 1).empty());
  // Each again, as a restart sends it, is no second one.
  const std::size_t before = house_.log.entries.size();
  for (int i = 0; i < 23; ++i) {
    EXPECT_EQ(Publish(Entry(1, may_ + 2 * i)).value(),
              static_cast<std::uint64_t>(i))
        << i;
    EXPECT_THAT(Publish(Entry(1, may_ + 2 * i, 20)),
                StatusIs(absl::StatusCode::kAlreadyExists));
  }
  EXPECT_EQ(house_.log.entries.size(), before);
}

// Anybody can compute the id under which an operator's facts stand.
TEST_F(ConsentFactsPublished, AnothersKeysUnderTheirIdHoldNothingUp) {
  testing::ServiceKeyChainOf squat(FactsIdOf(SeededKey(1).PublicKey()),
                                   SeededKey(2));
  const std::vector<crypto::Ed25519PublicKey> squatter = {
      SeededKey(2).PublicKey()};
  const auto take = [&](std::uint8_t key) {
    return house_.target.PublishServiceKey(squatter,
                                           squat.Sign(SeededKey(key)));
  };
  ASSERT_THAT(take(7), IsOk());
  ASSERT_THAT(take(8), IsOk());
  EXPECT_TRUE(Found(1, std::nullopt).empty());
  EXPECT_TRUE(Found(1, may_).empty());
  const base::Bytes first = Entry(1, may_);
  const auto index = Publish(first);
  ASSERT_THAT(index, IsOk());
  EXPECT_EQ(Publish(first).value(), *index);
  EXPECT_FALSE(take(9).ok());
  ASSERT_THAT(Publish(Entry(1, may_ + 2)), IsOk());
  EXPECT_EQ(Found(1, may_), first);
  EXPECT_EQ(Found(1, std::nullopt), Entry(1, may_ + 2));
  EXPECT_TRUE(Found(1, may_ - 1).empty());
  EXPECT_TRUE(Found(1, may_ + 1).empty());
}

class FactsDeaths : public ConsentFactsPublished,
                    public ::testing::WithParamInterface<ListLog::Death> {};

TEST_P(FactsDeaths, BetweenStoreLogAndMarkLoseAndDoubleNone) {
  const std::uint64_t before = house_.log.entries.size();
  house_.log.death = GetParam();
  EXPECT_FALSE(Publish(Entry(1, may_)).ok());
  house_.log.death = ListLog::Death::kNone;
  EXPECT_THAT(Register(house_.parts).Recover(), IsOk());
  EXPECT_EQ(Publish(Entry(1, may_)).value(), before);
  EXPECT_EQ(house_.log.entries.size(), before + 1);
}

INSTANTIATE_TEST_SUITE_P(All, FactsDeaths,
                         ::testing::Values(ListLog::Death::kBefore,
                                           ListLog::Death::kAfter));

}  // namespace
}  // namespace limpid::algoregister

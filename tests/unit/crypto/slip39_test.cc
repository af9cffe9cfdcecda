#include "common/crypto/slip39.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/random.h"
#include "common/crypto/slip39_share.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto::slip39 {
namespace {

using base::SecretBytes;
using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

constexpr std::size_t kSmall = 16;
constexpr std::size_t kLarge = 32;

// A machine that was cloned and wakes with the same state.
class StuckRandom final : public RandomSource {
 public:
  void Fill(std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), std::uint8_t{7});
  }
};

Splitting Guardians(std::uint8_t threshold, std::uint8_t count) {
  return {.groups = {{.threshold = threshold, .count = count}}};
}

// The shares whose bit is set in `chosen`.
GroupShares Chosen(const GroupShares& shares, unsigned chosen) {
  GroupShares out;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (((chosen >> i) & 1U) != 0) out.push_back(shares[i].Clone());
  }
  return out;
}

// Every choice of shares: exactly the threshold gives the secret back.
void CheckChoices(const SecretBytes& secret, const Splitting& splitting) {
  const auto split = Split(secret, splitting);
  ASSERT_THAT(split, IsOk());
  ASSERT_EQ(split->size(), 1U);
  const GroupShares& shares = split->front();
  ASSERT_EQ(shares.size(), splitting.groups.front().count);
  for (unsigned chosen = 1; chosen < (1U << shares.size()); ++chosen) {
    const GroupShares some = Chosen(shares, chosen);
    const auto got = Combine(some, splitting.passphrase);
    if (some.size() == splitting.groups.front().threshold) {
      ASSERT_THAT(got, IsOk());
      EXPECT_TRUE(*got == secret);
    } else {
      EXPECT_THAT(got, StatusSays(absl::StatusCode::kInvalidArgument,
                                  "shares of group 1 needed"));
    }
  }
}

TEST(Slip39, AnyTOfNGiveTheSecretBackAndNoOtherNumber) {
  for (const std::size_t size : {kSmall, kLarge}) {
    for (std::uint8_t count = 1; count <= 4; ++count) {
      for (std::uint8_t threshold = 1; threshold <= count; ++threshold) {
        if (threshold == 1 && count > 1) continue;
        for (const bool extendable : {false, true}) {
          Splitting splitting = Guardians(threshold, count);
          splitting.extendable = extendable;
          CheckChoices(RandomSecret(size), splitting);
        }
      }
    }
  }
}

TEST(Slip39, SixteenOfSixteen) {
  const SecretBytes secret = RandomSecret(kLarge);
  const auto split = Split(secret, Guardians(16, 16));
  ASSERT_THAT(split, IsOk());
  const auto got = Combine(split->front(), "");
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(*got == secret);
}

TEST(Slip39, GroupsCombine) {
  const SecretBytes secret = RandomSecret(kLarge);
  const auto split = Split(secret, {.group_threshold = 2,
                                    .groups = {{.threshold = 1, .count = 1},
                                               {.threshold = 2, .count = 3},
                                               {.threshold = 3, .count = 5}}});
  ASSERT_THAT(split, IsOk());
  GroupShares given = Chosen(split->at(1), 0b110);
  EXPECT_THAT(Combine(given, ""),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "exactly 2 groups needed, 1 given"));
  given.push_back(split->at(0).front().Clone());
  const auto got = Combine(given, "");
  ASSERT_THAT(got, IsOk());
  EXPECT_TRUE(*got == secret);
  given.push_back(split->at(2).front().Clone());
  EXPECT_THAT(Combine(given, ""), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(Slip39, AnotherPassphraseGivesAnotherSecret) {
  const SecretBytes secret = RandomSecret(kSmall);
  Splitting splitting = Guardians(2, 2);
  splitting.passphrase = "correct horse";
  const auto split = Split(secret, splitting);
  ASSERT_THAT(split, IsOk());
  const auto right = Combine(split->front(), "correct horse");
  const auto wrong = Combine(split->front(), "");
  ASSERT_THAT(right, IsOk());
  ASSERT_THAT(wrong, IsOk());
  EXPECT_TRUE(*right == secret);
  EXPECT_FALSE(*wrong == secret);
}

TEST(Slip39, RefusesAShareGivenTwice) {
  const auto split = Split(RandomSecret(kSmall), Guardians(2, 3));
  ASSERT_THAT(split, IsOk());
  GroupShares twice = Chosen(split->front(), 0b1);
  twice.push_back(twice.front().Clone());
  EXPECT_THAT(Combine(twice, ""),
              StatusSays(absl::StatusCode::kInvalidArgument, "share 2: "));
}

TEST(Slip39, RefusesAShareOfAnotherSplitting) {
  const SecretBytes secret = RandomSecret(kSmall);
  const auto first = Split(secret, Guardians(2, 3));
  const auto second = Split(secret, Guardians(2, 3));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  GroupShares mixed = Chosen(first->front(), 0b1);
  mixed.push_back(second->front().at(1).Clone());
  EXPECT_THAT(Combine(mixed, ""),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "share 2: it is from another splitting"));
}

// A guardian who rewrites the value and the checksum with it.
TEST(Slip39, FindsEveryForgedBitOfAShare) {
  const auto split = Split(RandomSecret(kSmall), Guardians(2, 2));
  ASSERT_THAT(split, IsOk());
  for (std::size_t bit = 0; bit < kSmall * 8; ++bit) {
    auto share = FromWords(split->front().front());
    ASSERT_THAT(share, IsOk());
    share->value.RevealMutable(base::SecretAccess::Get())[bit / 8] ^=
        static_cast<std::uint8_t>(1U << (bit % 8));
    GroupShares forged;
    forged.push_back(ToWords(*share));
    forged.push_back(split->front().at(1).Clone());
    EXPECT_THAT(Combine(forged, ""), StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST(Slip39, RefusesAShareThatAsksForEndlessWork) {
  const Share share{.info = {.iteration_exponent = kMaxIterationExponent + 1},
                    .value = RandomSecret(kSmall)};
  GroupShares shares;
  shares.push_back(ToWords(share));
  EXPECT_THAT(Combine(shares, ""),
              StatusSays(absl::StatusCode::kInvalidArgument, "work"));
}

TEST(Slip39, RefusesNoShareAndPassphrasesThatNobodyCanType) {
  EXPECT_THAT(Combine({}, ""), StatusIs(absl::StatusCode::kInvalidArgument));
  const auto split = Split(RandomSecret(kSmall), Guardians(1, 1));
  ASSERT_THAT(split, IsOk());
  for (const std::string_view passphrase : {"\x1F", "\x7F", "\xC3\xA9"}) {
    EXPECT_THAT(Combine(split->front(), passphrase),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

TEST(Slip39, RefusesSplittingsOutOfRange) {
  const auto refused = [](std::size_t size, Splitting splitting) {
    return Split(RandomSecret(size), splitting).status().code() ==
           absl::StatusCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused(kMinSecretBytes - 2, Guardians(2, 3)));
  EXPECT_TRUE(refused(kMinSecretBytes + 1, Guardians(2, 3)));
  EXPECT_TRUE(refused(kMaxSecretBytes + 2, Guardians(2, 3)));
  EXPECT_TRUE(refused(kSmall, Guardians(0, 3)));
  EXPECT_TRUE(refused(kSmall, Guardians(4, 3)));
  EXPECT_TRUE(refused(kSmall, Guardians(2, 17)));
  EXPECT_TRUE(refused(kSmall, Guardians(1, 2)));
  EXPECT_TRUE(refused(kSmall, {.groups = {}}));
  EXPECT_TRUE(refused(kSmall, {.group_threshold = 2, .groups = {{}}}));
  EXPECT_TRUE(refused(kSmall, {.group_threshold = 0, .groups = {{}}}));
  Splitting slow = Guardians(2, 3);
  slow.iteration_exponent = kMaxIterationExponent + 1;
  EXPECT_TRUE(refused(kSmall, slow));
  Splitting accented = Guardians(2, 3);
  accented.passphrase = "\xC3\xA9";
  EXPECT_TRUE(refused(kSmall, accented));
}

// With one polynomial for two secrets, each guardian could tell how they
// differ.
TEST(Slip39, RepeatedRandomnessDoesNotRepeatPolynomials) {
  StuckRandom stuck;
  const SecretBytes zero(kSmall);
  SecretBytes one(kSmall);
  one.RevealMutable(base::SecretAccess::Get())[0] = 1;
  const auto of_zero = Split(zero, Guardians(3, 3), stuck);
  const auto of_one = Split(one, Guardians(3, 3), stuck);
  ASSERT_THAT(of_zero, IsOk());
  ASSERT_THAT(of_one, IsOk());
  EXPECT_FALSE(FromWords(of_zero->front().front())->value ==
               FromWords(of_one->front().front())->value);
}

}  // namespace
}  // namespace limpid::crypto::slip39

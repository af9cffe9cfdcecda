#include "server/share_collector.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/crypto/held_root_key.h"
#include "common/crypto/slip39.h"
#include "common/crypto/slip39_share.h"
#include "gtest/gtest.h"
#include "server/share_set.h"
#include "tests/testing/status_matchers.h"
#include "tests/unit/server/share_words.h"

namespace limpid::server {
namespace {

namespace slip39 = crypto::slip39;
using ::limpid::testing::IsOk;
using ::limpid::testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;
constexpr auto kState = absl::StatusCode::kFailedPrecondition;
constexpr absl::Duration kStart = absl::Hours(5);

base::Digest32 Administrator(std::uint8_t number) {
  base::Digest32 out{};
  out.fill(number);
  return out;
}

base::SecretBytes ExampleKey() {
  base::SecretBytes key(32);
  std::uint8_t next = 0;
  for (std::uint8_t& byte : key.RevealMutable(base::SecretAccess::Get())) {
    byte = next++;
  }
  return key;
}

class ShareCollectorTest : public ::testing::Test {
 protected:
  auto Give(std::uint8_t administrator, std::string_view words,
            absl::Duration after = absl::ZeroDuration()) {
    return collector_.Give(Administrator(administrator), ShareOf(words),
                           kStart + after);
  }
  auto Give(std::uint8_t administrator, const slip39::Share& share) {
    return collector_.Give(Administrator(administrator), slip39::ToWords(share),
                           kStart);
  }
  std::size_t Given(absl::Duration after = absl::ZeroDuration()) {
    return collector_.Look(kStart + after).given;
  }
  // Share 1 of the example, for a test to change.
  static slip39::Share FirstShare() {
    return slip39::FromWords(ShareOf(kShareWords[0])).value();
  }
  void ExpectForeign(const slip39::Share& share, std::string_view why) {
    EXPECT_THAT(Give(7, share), StatusSays(kBad, why));
    EXPECT_EQ(Given(), 0U);
  }

  ShareCollector collector_{ExampleSet()};
};

TEST(ShareSetTest, TheExampleOfTheFormatOpensInEveryPair) {
  const ShareSet set = ExampleSet();
  EXPECT_EQ(base::HexEncode(crypto::RootKeyCommitment(ExampleKey())),
            kShareCommitment);
  for (int left = 0; left < 3; ++left) {
    for (int right = 0; right < 3; ++right) {
      if (left == right) continue;
      std::vector<base::SecretBytes> words;
      words.push_back(ShareOf(kShareWords.at(static_cast<std::size_t>(left))));
      words.push_back(ShareOf(kShareWords.at(static_cast<std::size_t>(right))));
      const auto key = OpenShares(set, words);
      ASSERT_THAT(key, IsOk());
      EXPECT_TRUE(*key == ExampleKey());
    }
  }
}

TEST(ShareSetTest, IsTheSameInTheConfiguration) {
  Config config = DefaultConfig();
  UseShares(ExampleSet(), config);
  EXPECT_TRUE(UsesShares(config));
  EXPECT_EQ(config.root_key_file, "");
  const ShareSet read = ShareSetOf(config);
  EXPECT_EQ(read.id, kShareSetNumber);
  EXPECT_EQ(read.threshold, 2);
  EXPECT_EQ(read.count, 3);
  EXPECT_EQ(base::HexEncode(read.commitment), kShareCommitment);
}

TEST(HeldRootKeyTest, IsTheKeyOfAFileWithTheSameBytes) {
  const crypto::HeldRootKey root(ExampleKey());
  // As docs/formats/keyring.md has it.
  EXPECT_EQ(base::HexEncode(root.id()), "9106a65c33748bc791a935bce72005bc");
  const base::Bytes aad = base::ToBytes("where it belongs");
  const auto wrapped = root.Wrap(ExampleKey(), aad);
  ASSERT_THAT(wrapped, IsOk());
  const auto back = root.Unwrap(*wrapped, aad);
  ASSERT_THAT(back, IsOk());
  EXPECT_TRUE(*back == ExampleKey());
  EXPECT_FALSE(root.Unwrap(*wrapped, base::ToBytes("elsewhere")).ok());
}

TEST_F(ShareCollectorTest, TwoAdministratorsGiveTheKey) {
  EXPECT_EQ(collector_.Key(), nullptr);
  const auto first = Give(1, kShareWords[2]);
  ASSERT_THAT(first, IsOk());
  EXPECT_FALSE(first->complete);
  EXPECT_EQ(first->given, 1U);
  EXPECT_EQ(collector_.Key(), nullptr);
  const auto second = Give(2, kShareWords[0]);
  ASSERT_THAT(second, IsOk());
  EXPECT_TRUE(second->complete);
  EXPECT_EQ(second->given, 0U);
  ASSERT_NE(collector_.Key(), nullptr);
  EXPECT_EQ(base::HexEncode(collector_.Key()->id()),
            "9106a65c33748bc791a935bce72005bc");
  EXPECT_THAT(Give(3, kShareWords[1]),
              StatusSays(kState, "needs no more shares"));
}

TEST_F(ShareCollectorTest, OneAdministratorIsNotTwo) {
  ASSERT_THAT(Give(1, kShareWords[0]), IsOk());
  EXPECT_THAT(Give(1, kShareWords[1]),
              StatusSays(kState, "comes from another administrator"));
  EXPECT_EQ(Given(), 1U);
  EXPECT_EQ(collector_.Key(), nullptr);
  // What was refused keeps nobody else from giving it.
  ASSERT_THAT(Give(2, kShareWords[1]), IsOk());
  EXPECT_NE(collector_.Key(), nullptr);
}

TEST_F(ShareCollectorTest, AShareCountsOnceWhoeverGivesIt) {
  ASSERT_THAT(Give(1, kShareWords[1]), IsOk());
  const auto again = Give(1, kShareWords[1]);
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->given, 1U);
  EXPECT_THAT(Give(2, kShareWords[1]),
              StatusSays(absl::StatusCode::kAlreadyExists,
                         "share 2 was given already"));
  EXPECT_EQ(Given(), 1U);
}

TEST_F(ShareCollectorTest, TwoDifferentSharesOfOnePlaceAreNamed) {
  slip39::Share forged = FirstShare();
  forged.value.RevealMutable(base::SecretAccess::Get())[9] ^= 1U;
  ASSERT_THAT(Give(1, kShareWords[0]), IsOk());
  for (const std::uint8_t administrator : std::array<std::uint8_t, 2>{1, 2}) {
    EXPECT_THAT(Give(administrator, forged),
                StatusSays(absl::StatusCode::kAlreadyExists,
                           "another share 1 was given already"));
  }
  EXPECT_EQ(Given(), 1U);
}

TEST_F(ShareCollectorTest, AWrongWordIsNamedByItsPlaceAndNotPrinted) {
  std::string words(kShareWords[0]);
  words.replace(words.find("have"), 4, "hove");
  const auto refused = Give(1, words);
  EXPECT_THAT(refused, StatusSays(kBad, "word 6 is not in the list"));
  EXPECT_EQ(refused.status().message().find("hove"), absl::string_view::npos);
  words.replace(words.find("hove"), 4, "acid");
  EXPECT_THAT(Give(1, words), StatusSays(kBad, "checksum"));
  EXPECT_THAT(Give(1, "acid"), StatusSays(kBad, "1 words were given"));
  EXPECT_EQ(Given(), 0U);
}

TEST_F(ShareCollectorTest, AShareOfAnotherSetIsRefusedByTheSetsNumber) {
  slip39::Share share = FirstShare();
  share.info.identifier = 77;
  ExpectForeign(share, "the share is of set 77");
}

TEST_F(ShareCollectorTest, EveryNumberOfAShareIsHeldAgainstTheSet) {
  const auto changed = [](auto change) {
    slip39::Share share = FirstShare();
    change(share);
    return share;
  };
  const std::vector<slip39::Share> shares = [&] {
    std::vector<slip39::Share> out;
    out.push_back(changed([](auto& s) { s.info.member_threshold = 3; }));
    out.push_back(changed([](auto& s) { s.info.member_index = 3; }));
    out.push_back(changed([](auto& s) { s.info.extendable = false; }));
    out.push_back(changed([](auto& s) { s.info.iteration_exponent = 10; }));
    out.push_back(changed([](auto& s) { s.info.group_count = 2; }));
    out.push_back(changed([](auto& s) {
      s.info.group_count = 2;
      s.info.group_index = 1;
    }));
    out.push_back(changed([](auto& s) {
      s.info.group_count = 2;
      s.info.group_threshold = 2;
    }));
    out.push_back(changed([](auto& s) { s.value = base::SecretBytes(16); }));
    return out;
  }();
  for (const slip39::Share& share : shares) {
    ExpectForeign(share, "was not made with this server's shares");
  }
}

TEST_F(ShareCollectorTest, AForgedShareIsFoundAtTheLastAndAllAreForgotten) {
  slip39::Share forged = FirstShare();
  forged.value.RevealMutable(base::SecretAccess::Get())[0] ^= 1U;
  ASSERT_THAT(Give(1, forged), IsOk());
  EXPECT_THAT(Give(2, kShareWords[1]),
              StatusSays(kState, "All were forgotten: begin again"));
  EXPECT_EQ(Given(), 0U);
  EXPECT_EQ(collector_.Key(), nullptr);
  // Everybody may give again, also who gave the forged one.
  ASSERT_THAT(Give(1, kShareWords[0]), IsOk());
  ASSERT_THAT(Give(2, kShareWords[1]), IsOk());
  EXPECT_NE(collector_.Key(), nullptr);
}

// Forgers who are enough make shares that fit together: the digest of SLIP-0039
// is theirs, the commitment is not.
TEST_F(ShareCollectorTest, AnotherKeyInAWholeForgedSetIsFoundByTheCommitment) {
  slip39::Splitting splitting;
  splitting.groups = {{.threshold = 2, .count = 3}};
  const auto groups = slip39::Split(base::SecretBytes(32), splitting);
  ASSERT_THAT(groups, IsOk());
  std::vector<slip39::Share> forged;
  for (std::size_t i = 0; i < 2; ++i) {
    forged.push_back(slip39::FromWords(groups->front()[i]).value());
    forged.back().info.identifier = kShareSetNumber;
  }
  ASSERT_THAT(Give(1, forged[0]), IsOk());
  EXPECT_THAT(Give(2, forged[1]),
              StatusSays(kState, "do not give this server's root key"));
  EXPECT_EQ(Given(), 0U);
}

TEST_F(ShareCollectorTest, AShareIsForgottenAfterAQuarterOfAnHour) {
  ASSERT_THAT(Give(1, kShareWords[0]), IsOk());
  const absl::Duration last = kShareLife - absl::Milliseconds(1);
  EXPECT_EQ(collector_.ForgetOld(kStart + last), 0U);
  EXPECT_EQ(Given(last), 1U);
  // Given again it is not younger.
  ASSERT_THAT(Give(1, kShareWords[0], last), IsOk());
  EXPECT_EQ(collector_.ForgetOld(kStart + kShareLife), 1U);
  EXPECT_EQ(Given(kShareLife), 0U);
}

TEST_F(ShareCollectorTest, AnOldShareDoesNotCountForALateOne) {
  ASSERT_THAT(Give(1, kShareWords[0]), IsOk());
  const auto late = Give(2, kShareWords[1], kShareLife);
  ASSERT_THAT(late, IsOk());
  EXPECT_FALSE(late->complete);
  EXPECT_EQ(late->given, 1U);
}

TEST_F(ShareCollectorTest, ForgetsOnRequestAndBeginsAgain) {
  ASSERT_THAT(Give(1, kShareWords[0]), IsOk());
  EXPECT_EQ(collector_.Forget(), 1U);
  EXPECT_EQ(collector_.Forget(), 0U);
  ASSERT_THAT(Give(1, kShareWords[1]), IsOk());
  ASSERT_THAT(Give(2, kShareWords[0]), IsOk());
  EXPECT_NE(collector_.Key(), nullptr);
  // The key stays: it is in use.
  EXPECT_EQ(collector_.Forget(), 0U);
  EXPECT_NE(collector_.Key(), nullptr);
}

}  // namespace
}  // namespace limpid::server

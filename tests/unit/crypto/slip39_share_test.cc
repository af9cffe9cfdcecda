#include "common/crypto/slip39_share.h"

#include <cstddef>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto::slip39 {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;
using ::limpid::testing::StatusSays;

// The worked example of docs/formats/guardian-shares.md.
constexpr std::string_view kExample =
    "enemy favorite academic acid cowboy phrase havoc level response walnut "
    "budget painting inside trash adjust froth kitchen learn tidy punish";
constexpr std::string_view kExampleValue = "a5a69aa82af0f8068a01d8e8c095ddf3";

absl::StatusOr<Share> Read(std::string_view text) {
  return FromWords(base::SecretBytes::Copy(base::AsBytes(text)));
}

std::string Written(const Share& share) {
  return base::ToText(ToWords(share).Reveal(base::SecretAccess::Get()));
}

std::vector<std::string> WordsOf(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

std::string Joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

std::size_t PlaceOf(std::string_view word) {
  std::size_t place = 0;
  while (Word(place) != word) ++place;
  return place;
}

TEST(Slip39Share, ReadsTheWorkedExample) {
  const auto share = Read(kExample);
  ASSERT_THAT(share, IsOk());
  EXPECT_EQ(share->info, (ShareInfo{.identifier = 9066,
                                    .extendable = true,
                                    .iteration_exponent = 0,
                                    .group_index = 0,
                                    .group_threshold = 1,
                                    .group_count = 1,
                                    .member_index = 0,
                                    .member_threshold = 2}));
  EXPECT_EQ(base::HexEncode(share->value.Reveal(base::SecretAccess::Get())),
            kExampleValue);
  EXPECT_EQ(Written(*share), kExample);
}

TEST(Slip39Share, TakesCapitalsAndAnyWhiteSpace) {
  std::string typed = "\n " + std::string(kExample) + "\r\n";
  typed.replace(typed.find(' ', 5), 1, "  \t");
  typed[2] = 'E';
  const auto share = Read(typed);
  ASSERT_THAT(share, IsOk());
  EXPECT_EQ(Written(*share), kExample);
}

TEST(Slip39Share, KeepsTheLargestNumbersAndEverySize) {
  for (std::size_t size = kMinSecretBytes; size <= kMaxSecretBytes; size += 2) {
    const ShareInfo largest{.identifier = kMaxIdentifier,
                            .extendable = false,
                            .iteration_exponent = 15,
                            .group_index = 15,
                            .group_threshold = 16,
                            .group_count = 16,
                            .member_index = 15,
                            .member_threshold = 16};
    const base::Bytes ones(size, 0xFF);
    const auto back = Read(
        Written({.info = largest, .value = base::SecretBytes::Copy(ones)}));
    ASSERT_THAT(back, IsOk()) << size;
    EXPECT_EQ(back->info, largest);
    EXPECT_TRUE(back->value == base::SecretBytes::Copy(ones));
  }
}

TEST(Slip39Share, FindsAnyOneWrongWord) {
  const std::vector<std::string> words = WordsOf(kExample);
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (std::size_t step = 1; step < 1024; step += 37) {
      auto wrong = words;
      wrong[i] = Word((PlaceOf(words[i]) + step) % 1024);
      EXPECT_THAT(Read(Joined(wrong)),
                  StatusSays(absl::StatusCode::kInvalidArgument, "checksum"));
    }
  }
}

TEST(Slip39Share, FindsThreeWrongWordsAndTwoThatChangedPlaces) {
  const std::vector<std::string> words = WordsOf(kExample);
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    auto wrong = words;
    for (std::size_t at = i; at < i + 3; ++at) {
      wrong[at] = Word((PlaceOf(words[at]) + 501 + at) % 1024);
    }
    EXPECT_FALSE(Read(Joined(wrong)).ok());
    auto moved = words;
    std::swap(moved[i], moved[i + 1]);
    EXPECT_FALSE(Read(Joined(moved)).ok());
  }
}

TEST(Slip39Share, NamesAnUnknownWordByItsPlaceOnly) {
  auto words = WordsOf(kExample);
  words[4] = "grandmother";
  const auto got = Read(Joined(words));
  EXPECT_THAT(got, StatusSays(absl::StatusCode::kInvalidArgument, "word 5 "));
  EXPECT_EQ(got.status().message().find("grandmother"), std::string::npos);
}

TEST(Slip39Share, RefusesLengthsThatNoShareHas) {
  const std::vector<std::string> words = WordsOf(kExample);
  EXPECT_THAT(Read(""), StatusSays(absl::StatusCode::kInvalidArgument, "0 "));
  auto shorter = words;
  shorter.pop_back();
  EXPECT_THAT(Read(Joined(shorter)),
              StatusSays(absl::StatusCode::kInvalidArgument, "19 words"));
  auto longer = words;
  longer.emplace_back("academic");
  EXPECT_THAT(Read(Joined(longer)),
              StatusSays(absl::StatusCode::kInvalidArgument, "21 words"));
  std::vector<std::string> endless(100'000, "academic");
  EXPECT_THAT(Read(Joined(endless)),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::crypto::slip39

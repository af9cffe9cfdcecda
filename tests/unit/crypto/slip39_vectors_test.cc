// The official vectors of SLIP-0039, as another implementation ships them.

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/bytes.h"
#include "common/base/secret.h"
#include "common/base/text.h"
#include "common/crypto/slip39.h"
#include "common/crypto/slip39_share.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::crypto::slip39 {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::ReadFile;

constexpr std::string_view kPassphrase = "TREZOR";
constexpr std::size_t kVectors = 45;
constexpr std::size_t kValidVectors = 15;

std::filesystem::path PackageFile(std::string_view relative) {
  const char* const source = std::getenv("LIMPID_SOURCE_DIR");
  return std::filesystem::path(source == nullptr ? "." : source) /
         "tools/slip39/node_modules/slip39" / relative;
}

json::Value Vectors() {
  auto parsed = json::ParseStrict(ReadFile(PackageFile("test/vectors.json")));
  EXPECT_THAT(parsed, IsOk()) << "./dev build fetches the package slip39";
  return parsed.ok() ? *std::move(parsed) : json::Value();
}

std::vector<base::SecretBytes> SharesOf(const json::Value& vector) {
  std::vector<base::SecretBytes> shares;
  for (const json::Value& words : vector.elements()[1].elements()) {
    shares.push_back(base::SecretBytes::Copy(base::AsBytes(words.string())));
  }
  return shares;
}

TEST(Slip39Vectors, EachGivesItsSecretOrARefusal) {
  const json::Value vectors = Vectors();
  std::size_t valid = 0;
  for (const json::Value& vector : vectors.elements()) {
    SCOPED_TRACE(vector.elements()[0].string());
    const std::string& secret = vector.elements()[2].string();
    const auto got = Combine(SharesOf(vector), kPassphrase);
    EXPECT_EQ(got.ok(), !secret.empty()) << got.status();
    if (!got.ok()) continue;
    ++valid;
    EXPECT_EQ(base::HexEncode(got->Reveal(base::SecretAccess::Get())), secret);
  }
  EXPECT_EQ(vectors.elements().size(), kVectors);
  EXPECT_EQ(valid, kValidVectors);
}

TEST(Slip39Vectors, ASharesWordsComeOutAsTheyWentIn) {
  const json::Value vectors = Vectors();
  for (const json::Value& vector : vectors.elements()) {
    if (vector.elements()[2].string().empty()) continue;
    for (const base::SecretBytes& words : SharesOf(vector)) {
      const auto share = FromWords(words);
      ASSERT_THAT(share, IsOk());
      EXPECT_TRUE(ToWords(*share) == words);
    }
  }
}

TEST(Slip39Vectors, NoRefusalPrintsTwoWordsOfAShare) {
  const json::Value vectors = Vectors();
  for (const json::Value& vector : vectors.elements()) {
    const auto got = Combine(SharesOf(vector), kPassphrase);
    if (got.ok()) continue;
    const std::string message(got.status().message());
    for (const json::Value& words : vector.elements()[1].elements()) {
      std::string_view rest = words.string();
      const std::size_t second = rest.find(' ', rest.find(' ') + 1);
      EXPECT_EQ(message.find(rest.substr(0, second)), std::string::npos);
    }
  }
}

// The list of the package, cut out of its source.
std::vector<std::string> PackageWords() {
  const std::string source = ReadFile(PackageFile("src/slip39_helper.js"));
  std::size_t at = source.find("const WORD_LIST = [");
  const std::size_t end = source.find(']', at + 20);
  std::vector<std::string> words;
  while (at != std::string::npos) {
    const std::size_t open = source.find('"', at);
    if (open >= end) break;
    const std::size_t close = source.find('"', open + 1);
    words.push_back(source.substr(open + 1, close - open - 1));
    at = close + 1;
  }
  return words;
}

TEST(Slip39Vectors, OurWordsAreThoseOfThePackage) {
  const std::vector<std::string> words = PackageWords();
  ASSERT_EQ(words.size(), 1024U);
  for (std::size_t i = 0; i < words.size(); ++i) EXPECT_EQ(Word(i), words[i]);
}

}  // namespace
}  // namespace limpid::crypto::slip39

#include "common/base/bytes.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::base {
namespace {

using testing::StatusIs;

struct Pair {
  std::string_view plain;
  std::string_view base64;
  std::string_view base32;
};

// RFC 4648 section 10, base32 in lower case without padding.
constexpr std::array<Pair, 7> kRfc4648 = {{
    {"", "", ""},
    {"f", "Zg==", "my"},
    {"fo", "Zm8=", "mzxq"},
    {"foo", "Zm9v", "mzxw6"},
    {"foob", "Zm9vYg==", "mzxw6yq"},
    {"fooba", "Zm9vYmE=", "mzxw6ytb"},
    {"foobar", "Zm9vYmFy", "mzxw6ytboi"},
}};

TEST(Base64, MatchesRfc4648) {
  for (const Pair& pair : kRfc4648) {
    EXPECT_EQ(Base64Encode(AsBytes(pair.plain)), pair.base64);
    EXPECT_EQ(Base64Decode(pair.base64).value(), ToBytes(pair.plain));
  }
}

TEST(Base64, RefusesEveryOtherSpelling) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zh==", " Zg==", "Zg==\n", "Zm9v=", "Z===", "Zm-v"}) {
    EXPECT_THAT(Base64Decode(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

// libsodium 1.0.18 alone takes "A\xc8" "8=" for "AA8=" and the like.
TEST(Base64, RefusesEveryByteOutsideItsAlphabet) {
  const std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    const char letter = static_cast<char>(byte);
    const bool known = alphabet.find(letter) != std::string_view::npos;
    for (std::size_t at = 0; at < 4; ++at) {
      std::string text = "AAAA";
      text[at] = letter;
      const bool padding = letter == '=' && at == 3;
      EXPECT_EQ(Base64Decode(text).ok(), known || padding) << byte;
    }
  }
}

TEST(Base64Url, HasNoPaddingAndItsOwnAlphabet) {
  const Bytes bytes = {0xFB, 0xFF};
  EXPECT_EQ(Base64UrlEncode(bytes), "-_8");
  EXPECT_EQ(Base64UrlDecode("-_8").value(), bytes);
  for (const std::string_view text : {"-_8=", "+/8", "-_9"}) {
    EXPECT_FALSE(Base64UrlDecode(text).ok()) << text;
  }
}

TEST(Base32, MatchesRfc4648) {
  for (const Pair& pair : kRfc4648) {
    EXPECT_EQ(Base32Encode(AsBytes(pair.plain)), pair.base32);
    EXPECT_EQ(Base32Decode(pair.base32).value(), ToBytes(pair.plain));
  }
}

TEST(Base32, RefusesUnusedBitsUpperCaseAndStrayLetters) {
  for (const std::string_view text : {"mz", "MY", "m", "mzx", "m1"}) {
    EXPECT_FALSE(Base32Decode(text).ok()) << text;
  }
}

TEST(Hex, RoundTripsAndRefusesUpperCase) {
  EXPECT_EQ(HexEncode(Bytes{0x00, 0xAB}), "00ab");
  EXPECT_EQ(HexDecode("00ab").value(), (Bytes{0x00, 0xAB}));
  for (const std::string_view text : {"0", "AB", "0g", "0x"}) {
    EXPECT_FALSE(HexDecode(text).ok()) << text;
  }
}

TEST(ConstantTimeEqual, ComparesLengthAndContent) {
  EXPECT_TRUE(ConstantTimeEqual(AsBytes("ab"), AsBytes("ab")));
  EXPECT_FALSE(ConstantTimeEqual(AsBytes("ab"), AsBytes("ac")));
  EXPECT_FALSE(ConstantTimeEqual(AsBytes("ab"), AsBytes("abc")));
  EXPECT_TRUE(ConstantTimeEqual({}, {}));
}

TEST(IsUtf8, FollowsTheUnicodeTable) {
  for (const std::string_view text :
       {"", "a", "\xC2\x80", "\xED\x9F\xBF", "\xEF\xBF\xBF", "\xF0\x90\x80\x80",
        "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text));
  }
  for (const std::string_view text :
       {"\x80", "\xC1\x80", "\xC2", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xFF", "a\xC2"}) {
    EXPECT_FALSE(IsUtf8(text));
  }
}

TEST(ToArray, WantsTheExactLength) {
  EXPECT_TRUE(ToArray<2>(AsBytes("ab")).ok());
  EXPECT_THAT(ToArray<2>(AsBytes("abc")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace limpid::base

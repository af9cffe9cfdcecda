#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::json {
namespace {

using testing::IsOk;
using testing::StatusIs;
using testing::StatusSays;

constexpr auto kBad = absl::StatusCode::kInvalidArgument;
constexpr auto kOver = absl::StatusCode::kResourceExhausted;

std::string Nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(JsonParse, RefusesWhatTheGrammarRefuses) {
  for (const std::string_view text :
       {"",       " ",     "{",     "[1,]", "{\"a\":1,}", "01",
        "+1",     ".5",    "1.",    "NaN",  "Infinity",   "-",
        "'a'",    "{a:1}", "[1 2]", "tru",  "\"\\x\"",    "\"\t\"",
        "/* */1", "\"a",   "[1}",   "1 2",  "{}x",        "null,"}) {
    EXPECT_THAT(ParseStrict(text), StatusIs(kBad)) << text;
  }
}

TEST(JsonParse, RefusesASecondMemberOfTheSameName) {
  EXPECT_THAT(ParseStrict("{\"a\":1,\n \"a\":2}"),
              StatusSays(kBad, "line 2 column 4: a key appears twice"));
  // The same name in another spelling is still the same name.
  EXPECT_THAT(ParseStrict(R"({"a":1,"\u0061":2})"), StatusIs(kBad));
  EXPECT_THAT(ParseStrict(R"([{"x":{"a":1,"b":2,"a":3}}])"), StatusIs(kBad));
  EXPECT_THAT(ParseStrict(R"({"a":{"a":1},"A":2})"), IsOk());
}

TEST(JsonParse, RefusesTextThatIsNotUtf8) {
  for (const std::string_view text :
       {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf5\x80\x80\x80\"",
        "\"\xe2\x82\"", R"("\ud83d")", R"("\ude02")", R"("\ud83dx")",
        R"("\ud83d\u0041")", "{\"\xff\":1}"}) {
    EXPECT_THAT(ParseStrict(text), StatusIs(kBad)) << text;
  }
  EXPECT_EQ(ParseStrict(R"("\ud83d\ude02")")->string(), "\xf0\x9f\x98\x82");
}

TEST(JsonParse, RefusesAByteOrderMark) {
  EXPECT_THAT(ParseStrict("\xef\xbb\xbf{}"),
              StatusSays(kBad, "line 1 column 1"));
}

TEST(JsonParse, KeepsANulInsideText) {
  EXPECT_EQ(ParseStrict(R"("a\u0000b")")->string(), std::string("a\0b", 3));
  EXPECT_THAT(ParseStrict(std::string_view("\"a\0b\"", 5)), StatusIs(kBad));
  EXPECT_THAT(ParseStrict(std::string_view("1\0", 2)), StatusIs(kBad));
}

TEST(JsonParse, RefusesNumbersThatWouldChange) {
  for (const std::string_view text :
       {"9007199254740993", "-9007199254740993", "18446744073709551616",
        "9223372036854775807", "1e400", "-1e400", "1e-400", "0.1e-999",
        "123456789012345678901234567890"}) {
    EXPECT_THAT(ParseStrict(text), StatusIs(kBad)) << text;
  }
}

TEST(JsonParse, TakesEveryNumberThatCanonicalFormWrites) {
  for (const std::string_view text :
       {"9007199254740991", "-9007199254740991", "9007199254740992",
        "100000000000000000000", "295147905179352830000", "1e+21", "5e-324",
        "-1.7976931348623157e+308", "0", "-5", "0.000001", "1e-7"}) {
    const auto value = ParseStrict(text);
    ASSERT_THAT(value, IsOk()) << text;
    EXPECT_EQ(Canonical(*value), text);
  }
}

TEST(JsonParse, GivesEqualNumbersOneKind) {
  EXPECT_EQ(*ParseStrict("56.0"), *ParseStrict("56"));
  EXPECT_EQ(*ParseStrict("5.6e1"), *ParseStrict("56"));
  EXPECT_EQ(*ParseStrict("-0"), *ParseStrict("0"));
  EXPECT_EQ(*ParseStrict("-0.0"), *ParseStrict("0"));
  EXPECT_EQ(*ParseStrict("0e-999"), *ParseStrict("0"));
  EXPECT_TRUE(ParseStrict("56.0")->is_integer());
}

TEST(JsonParse, HoldsEveryLimitOnBothSides) {
  const ParseLimits limits{.max_bytes = 20, .max_depth = 3, .max_values = 4};
  EXPECT_THAT(ParseStrict(Nested(3), limits), IsOk());
  EXPECT_THAT(ParseStrict(Nested(4), limits), StatusIs(kOver));
  EXPECT_THAT(ParseStrict("[1,2,3]", limits), IsOk());
  EXPECT_THAT(ParseStrict("[1,2,3,4]", limits), StatusIs(kOver));
  EXPECT_THAT(ParseStrict("{\"a\":1,\"b\":[2]}", limits), IsOk());
  EXPECT_THAT(ParseStrict("{\"a\":1,\"b\":[2,3]}", limits), StatusIs(kOver));
  EXPECT_THAT(ParseStrict(std::string(19, ' ') + "1", limits), IsOk());
  EXPECT_THAT(ParseStrict(std::string(20, ' ') + "1", limits), StatusIs(kOver));
}

TEST(JsonParse, SurvivesAMillionBrackets) {
  EXPECT_THAT(ParseStrict(std::string(1'000'000, '[')), StatusIs(kOver));
}

TEST(JsonParse, NamesLineAndColumnAndNoneOfTheText) {
  const absl::Status status =
      ParseStrict("{\n  \"name\": \"secret\",\n  \"b\": tru\n}").status();
  EXPECT_THAT(status, StatusSays(kBad, "line 3 column "));
  EXPECT_EQ(status.ToString().find("secret"), std::string::npos);
  EXPECT_EQ(status.ToString().find("name"), std::string::npos);
}

TEST(JsonParse, KeepsEveryMemberOfALargeObject) {
  std::string text = "{";
  for (int i = 0; i < 5'000; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", "\"k", (i * 7919) % 5'000,
                    "\":", i);
  }
  const auto value = ParseStrict(text + "}");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(value->size(), 5'000U);
  EXPECT_NE(value->Find("k4999"), nullptr);
  EXPECT_EQ(value->Find("k5000"), nullptr);
}

}  // namespace
}  // namespace limpid::json

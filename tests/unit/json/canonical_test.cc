#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/bytes.h"
#include "common/json/json.h"
#include "gtest/gtest.h"
#include "tests/testing/shared.h"
#include "tests/testing/status_matchers.h"

namespace limpid::json {
namespace {

using testing::IsOk;

TEST(JsonCanonical, MatchesThePublishedVectorsByteForByte) {
  LIMPID_SHARED_OR_SKIP(folder, "vectors/jcs");
  for (const std::string_view name :
       {"arrays", "french", "structures", "unicode", "values", "weird"}) {
    const std::string file = std::string(name) + ".json";
    const auto value = ParseStrict(testing::ReadFile(folder / "input" / file));
    ASSERT_THAT(value, IsOk()) << name;
    const std::string want = testing::ReadFile(folder / "output" / file);
    EXPECT_EQ(Canonical(*value), want) << name;
    EXPECT_EQ(Canonical(*ParseStrict(want)), want) << name;
  }
}

struct NumberCase {
  std::uint64_t bits;
  std::string_view text;
};

// RFC 8785 appendix B, the finite rows.
constexpr auto kAppendixB = std::to_array<NumberCase>({
    {0x0000000000000000, "0"},
    {0x8000000000000000, "0"},
    {0x0000000000000001, "5e-324"},
    {0x8000000000000001, "-5e-324"},
    {0x7fefffffffffffff, "1.7976931348623157e+308"},
    {0xffefffffffffffff, "-1.7976931348623157e+308"},
    {0x4340000000000000, "9007199254740992"},
    {0xc340000000000000, "-9007199254740992"},
    {0x4430000000000000, "295147905179352830000"},
    {0x44b52d02c7e14af5, "9.999999999999997e+22"},
    {0x44b52d02c7e14af6, "1e+23"},
    {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
    {0x444b1ae4d6e2ef4e, "999999999999999700000"},
    {0x444b1ae4d6e2ef4f, "999999999999999900000"},
    {0x444b1ae4d6e2ef50, "1e+21"},
    {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
    {0x3eb0c6f7a0b5ed8d, "0.000001"},
    {0x41b3de4355555553, "333333333.3333332"},
    {0x41b3de4355555554, "333333333.33333325"},
    {0x41b3de4355555555, "333333333.3333333"},
    {0x41b3de4355555556, "333333333.3333334"},
    {0x41b3de4355555557, "333333333.33333343"},
    {0xbecbf647612f3696, "-0.0000033333333333333333"},
    {0x43143ff3c1cb0959, "1424953923781206.2"},
});

TEST(JsonCanonical, PrintsTheNumbersOfAppendixB) {
  for (const NumberCase& row : kAppendixB) {
    const auto value = Value::FromDouble(std::bit_cast<double>(row.bits));
    ASSERT_THAT(value, IsOk());
    EXPECT_EQ(Canonical(*value), row.text);
  }
}

TEST(JsonCanonical, HasNoFormForNumbersThatAreNotFinite) {
  for (const std::uint64_t bits :
       {0x7fffffffffffffffU, 0x7ff0000000000000U, 0xfff0000000000000U}) {
    EXPECT_FALSE(Value::FromDouble(std::bit_cast<double>(bits)).ok());
  }
}

TEST(JsonCanonical, OrdersKeysByUtf16CodeUnits) {
  // U+1F602 is d83d in UTF-16 and so sorts before U+FB33 and U+E000.
  const auto value = ParseStrict(
      R"({"\ufb33":1,"\ud83d\ude02":2,"\ue000":3,"z":4,"zz":5,"":6,"\u00f6":7})");
  ASSERT_THAT(value, IsOk());
  std::vector<std::int64_t> order;
  for (const Member& member : value->members()) {
    order.push_back(member.value.integer());
  }
  EXPECT_EQ(order, (std::vector<std::int64_t>{6, 4, 5, 7, 2, 3, 1}));
}

TEST(JsonCanonical, EscapesOnlyWhatItMust) {
  std::string all;
  for (char c = 0; c < 0x20; ++c) all.push_back(c);
  all += "\"\\/\x7f";
  EXPECT_EQ(
      Canonical(Value(all)),
      R"("\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r)"
      R"(\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018)"
      R"(\u0019\u001a\u001b\u001c\u001d\u001e\u001f\"\\/)"
      "\x7f\"");
}

TEST(JsonCanonical, EscapesWhereverItStands) {
  EXPECT_EQ(Canonical(Value("\"ab\nc\"")), R"("\"ab\nc\"")");
  EXPECT_EQ(Canonical(Value("\\")), R"("\\")");
  EXPECT_EQ(Canonical(Value("")), R"("")");
}

TEST(JsonCanonical, IsAppendedAfterWhatIsThere) {
  std::string out = "[";
  AppendCanonical(Value(1), out);
  out += ',';
  AppendCanonical(Value("a"), out);
  EXPECT_EQ(out, "[1,\"a\"");
}

// docs/formats/canonical-json.md
TEST(JsonCanonical, GivesTheWorkedExampleOfTheFormatPage) {
  const auto value = ParseStrict(
      "{\"name\": \"caf\\u00e9\", \"n\": [1.0, 1E-7, -0], \"A\": {}}");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(base::HexEncode(base::AsBytes(Canonical(*value))),
            "7b2241223a7b7d2c226e223a5b312c31652d372c305d2c226e616d65223a2263"
            "6166c3a9227d");
}

TEST(JsonPretty, IndentsAndReadsBack) {
  const auto value = ParseStrict(R"({"a":[1,{"b":null}],"c":[],"d":{}})");
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ(Pretty(*value),
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    }\n  ],\n"
            "  \"c\": [],\n  \"d\": {}\n}\n");
  EXPECT_EQ(*ParseStrict(Pretty(*value)), *value);
}

}  // namespace
}  // namespace limpid::json

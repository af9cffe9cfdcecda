#include "common/base/day.h"

#include <string>

#include "common/base/bytes.h"
#include "common/base/wire.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::base {
namespace {

using ::limpid::testing::IsOk;
using ::limpid::testing::StatusIs;

TEST(Day, IsTheNumberOfThePage) {
  EXPECT_EQ(*ParseDay("2024-02-29"), 20'240'229U);
  ByteWriter writer;
  EXPECT_EQ(HexEncode(writer.U32(*ParseDay("2024-02-29")).bytes()), "0134d765");
  EXPECT_EQ(*ParseDay("0001-01-01"), 10'101U);
  EXPECT_EQ(*ParseDay("9999-12-31"), 99'991'231U);
  for (const Day day : {10'101U, 20'240'229U, 99'991'231U}) {
    EXPECT_TRUE(IsDay(day));
    EXPECT_EQ(*ParseDay(DayText(day)), day);
  }
  EXPECT_EQ(DayText(0), "");
  EXPECT_EQ(DayText(10'101), "0001-01-01");
}

TEST(Day, TheCalendarDecides) {
  EXPECT_THAT(ParseDay("2000-02-29"), IsOk());
  for (const char* text :
       {"2023-02-29", "1900-02-29", "2024-04-31", "2024-13-01", "2024-00-10",
        "2024-01-00", "2024-01-32", "0000-01-01"}) {
    EXPECT_THAT(ParseDay(text), StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  for (const Day day : {0U, 1U, 9'999U, 10'100U, 20'230'229U, 20'241'301U,
                        20'240'100U, 99'991'232U, 100'000'101U, 4294967295U}) {
    EXPECT_FALSE(IsDay(day)) << day;
  }
}

TEST(Day, OneSpellingOnly) {
  for (const char* text :
       {"", "2024-1-01", "2024-01-1", "24-01-01", "2024-01-01 ", " 2024-01-01",
        "2024-01-01T00:00:00Z", "2024/01/01", "20240101", "2024-0a-01",
        "+024-01-01", "2024-01-0\n", "-024-01-01", "today"}) {
    EXPECT_THAT(ParseDay(text), StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
  // A NUL is a character like others.
  EXPECT_FALSE(ParseDay(std::string("2024-01-0\0", 10)).ok());
}

constexpr Days kYear = {20'240'101, 20'241'231};

TEST(Days, ContainIsOfWholeStretches) {
  EXPECT_TRUE(kYear.Contain(kYear));
  EXPECT_TRUE(kYear.Contain({20'240'101, 20'240'101}));
  EXPECT_TRUE(kYear.Contain({20'241'231, 20'241'231}));
  EXPECT_FALSE(kYear.Contain({20'231'231, 20'241'231}));
  EXPECT_FALSE(kYear.Contain({20'240'101, 20'250'101}));
  EXPECT_FALSE(kYear.Contain({20'230'101, 20'251'231}));
  EXPECT_FALSE(kYear.Contain({20'230'101, 20'231'231}));
  EXPECT_FALSE(kYear.Contain({20'250'101, 20'251'231}));
  // What has no end is in nothing that has one.
  EXPECT_FALSE(kYear.Contain({20'240'101, 0}));
  EXPECT_FALSE(kYear.Contain({0, 20'241'231}));
  EXPECT_FALSE(kYear.Contain({}));
}

TEST(Days, AnOpenEndIsNoBound) {
  const Days from = {20'240'101, 0};
  EXPECT_TRUE(from.Contain({20'240'101, 0}));
  EXPECT_TRUE(from.Contain({20'300'101, 20'300'101}));
  EXPECT_FALSE(from.Contain({20'231'231, 20'300'101}));
  const Days until = {0, 20'241'231};
  EXPECT_TRUE(until.Contain({0, 20'241'231}));
  EXPECT_TRUE(until.Contain({10'101, 20'240'101}));
  EXPECT_FALSE(until.Contain({20'240'101, 20'250'101}));
  EXPECT_TRUE(Days().Contain({0, 20'241'231}));
  EXPECT_TRUE(Days().open());
  EXPECT_FALSE(from.open());
  EXPECT_FALSE(until.open());
}

TEST(Days, AreValidWhenTheyAreDaysInOrder) {
  EXPECT_TRUE(Days().valid());
  EXPECT_TRUE(kYear.valid());
  EXPECT_TRUE((Days{20'240'101, 20'240'101}.valid()));
  EXPECT_TRUE((Days{20'240'101, 0}.valid()));
  EXPECT_TRUE((Days{0, 20'240'101}.valid()));
  EXPECT_FALSE((Days{20'240'102, 20'240'101}.valid()));
  EXPECT_FALSE((Days{20'240'230, 0}.valid()));
  EXPECT_FALSE((Days{0, 7}.valid()));
}

TEST(Days, AreReadFromTwoTexts) {
  EXPECT_EQ(*ParseDays("2024-01-01", "2024-12-31"), kYear);
  EXPECT_EQ(*ParseDays("2024-01-01", ""), (Days{20'240'101, 0}));
  EXPECT_EQ(*ParseDays("", "2024-12-31"), (Days{0, 20'241'231}));
  EXPECT_EQ(*ParseDays("", ""), Days());
  EXPECT_FALSE(ParseDays("2024-12-31", "2024-01-01").ok());
  EXPECT_FALSE(ParseDays("x", "").ok());
  EXPECT_FALSE(ParseDays("", "x").ok());
}

}  // namespace
}  // namespace limpid::base

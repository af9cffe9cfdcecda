#include "algoregister/profile/csv.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace limpid::algoregister {
namespace {

using testing::StatusSays;

using Cells = std::vector<std::string>;

std::vector<CsvRecord> ReadAll(std::string_view text, char separator = ',',
                               std::size_t max_cells = 100) {
  CsvReader reader(text, separator);
  std::vector<CsvRecord> out;
  CsvRecord record;
  while (true) {
    const auto more = reader.Next(max_cells, record);
    EXPECT_TRUE(more.ok());
    if (!more.ok() || !*more) return out;
    out.push_back(record);
  }
}

TEST(Csv, TakesEveryLineEndAndQuotedCells) {
  const auto records =
      ReadAll("a,b\r\n\"one, \"\"two\"\"\",\"line\r\nbreak\"\n\nc,\rd,e");
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0].cells, (Cells{"a", "b"}));
  EXPECT_EQ(records[1].cells, (Cells{"one, \"two\"", "line\r\nbreak"}));
  EXPECT_EQ(records[1].line, 2U);
  EXPECT_EQ(records[2].cells, (Cells{"c", ""}));
  EXPECT_EQ(records[2].line, 5U);
  EXPECT_EQ(records[3].cells, (Cells{"d", "e"}));
  EXPECT_EQ(records[3].line, 6U);
}

TEST(Csv, ACellThatDoesNotEndIsOneErrorWithItsPlace) {
  CsvReader reader("a,b\n1,\"two\nthree", ',');
  CsvRecord record;
  EXPECT_TRUE(*reader.Next(10, record));
  EXPECT_THAT(reader.Next(10, record).status(),
              StatusSays(absl::StatusCode::kInvalidArgument,
                         "line 2 column 3: a quoted cell does not end"));
}

TEST(Csv, TextBehindQuotesIsAFaultOfItsRecordAlone) {
  const auto records = ReadAll("\"a\"x,b\nc,d\n\"e\" ,f");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_FALSE(records[0].fault.empty());
  EXPECT_EQ(records[0].cell_count, 2U);
  EXPECT_TRUE(records[1].fault.empty());
  EXPECT_FALSE(records[2].fault.empty());
}

TEST(Csv, KeepsNoMoreCellsThanAskedForAndCountsAll) {
  const auto records = ReadAll(std::string(1'000, ','), ',', 3);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].cells.size(), 3U);
  EXPECT_EQ(records[0].cell_count, 1'001U);
}

TEST(Csv, WhatItWritesItReads) {
  const std::vector<Cells> all = {{"a", "", "c"},
                                  {"\"", ",", "\r\n"},
                                  {" x ", "y\nz", "'=1"},
                                  {"", "", ""}};
  std::string text;
  for (const Cells& cells : all) text += CsvLine(cells);
  const auto records = ReadAll(text);
  ASSERT_EQ(records.size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(records[i].cells, all[i]);
  }
  EXPECT_EQ(CsvLine({"a", "b,c"}), "a,\"b,c\"\r\n");
  // Where a semicolon or a tab is a separator too.
  EXPECT_EQ(CsvLine({"a;b", "c\td"}), "\"a;b\",\"c\td\"\r\n");
}

}  // namespace
}  // namespace limpid::algoregister
